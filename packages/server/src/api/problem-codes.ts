/** Problems that any operation may answer with, by status. */
export const COMMON_PROBLEMS: Readonly<Record<string, { readonly description: string }>> = {
  400: { description: 'The request is not as its schema says (`HTTP_PARAMETER`, `HTTP_BODY`, `HTTP_REQUEST`).' },
  401: { description: 'No valid token or session (`HTTP_UNAUTHENTICATED`).' },
  403: {
    description:
      'The scope does not suffice (`HTTP_SCOPE`), or a page of another site asks (`HTTP_CSRF`, `HTTP_ORIGIN`).',
  },
  404: { description: 'There is no such thing (`HTTP_NOT_FOUND`).' },
  413: { description: 'The body is too large (`HTTP_BODY_SIZE`).' },
  415: { description: 'The body is no JSON in UTF-8 (`HTTP_MEDIA_TYPE`).' },
  429: {
    description:
      'Too many requests (`HTTP_RATE`) or streams (`HTTP_STREAMS`); `Retry-After` says how many seconds to wait.',
  },
  503: {
    description:
      'It cannot be answered now (`HTTP_DRAINING`, `HTTP_STREAMS`, `STATE_BUSY`, …); `Retry-After` says when to ask again.',
  },
}

/** What the server itself refuses: code, status, what it means, what to do. */
export const HTTP_CODES: readonly (readonly [code: string, status: string, meaning: string, hint: string])[] = [
  ['HTTP_BODY', '400', 'The body is no JSON, or not as its schema says.', 'The list of errors names each field.'],
  ['HTTP_PARAMETER', '400', 'A parameter is unknown or out of range.', 'The list of errors names each one.'],
  ['HTTP_REQUEST', '400', 'The request is no HTTP/1.1 as it should be.', 'Look at the client or at the proxy between.'],
  ['HTTP_TARGET', '400, 414', 'The address is no path, badly encoded or too long.', 'Encode its parts.'],
  [
    'HTTP_UNAUTHENTICATED',
    '401',
    'There is no valid token or session.',
    'Send Authorization: Bearer tg_…, or sign in.',
  ],
  ['HTTP_SCOPE', '403', 'The token may not do this.', 'Make one with the scope that the detail names.'],
  [
    'HTTP_CSRF',
    '403',
    'A change that is signed in by cookie lacks its proof.',
    'Send x-csrf-token; GET /api/v1/session tells it.',
  ],
  [
    'HTTP_ORIGIN',
    '403',
    'A page of another site wanted to change something.',
    'Name its origin in server.cors_origins, if it may.',
  ],
  ['HTTP_NOT_FOUND', '404', 'There is nothing at this address.', 'The operations are listed at /docs.'],
  ['HTTP_METHOD', '405', 'The address does not know this method.', 'The header Allow lists those it knows.'],
  ['HTTP_IDEMPOTENCY_RUNNING', '409', 'The first request with this key still runs.', 'Ask again in a second.'],
  [
    'HTTP_PRECONDITION',
    '412',
    'What should be changed was changed since it was read.',
    'Read it again, and send its ETag.',
  ],
  ['HTTP_BODY_SIZE', '413', 'The body is larger than server.body_limit.', 'Send less, or raise the limit.'],
  ['HTTP_MEDIA_TYPE', '415', 'The body is not sent as application/json in UTF-8.', 'Set Content-Type.'],
  ['HTTP_HOST', '421', 'The request names a host that is not this server.', 'Name it in server.allowed_hosts.'],
  [
    'HTTP_IDEMPOTENCY_KEY',
    '400, 422',
    'The key is malformed, or was used for another request.',
    'Make a new one for each request.',
  ],
  ['HTTP_RATE', '429', 'Too many requests, or too many failed sign-ins.', 'Wait as long as Retry-After says.'],
  [
    'HTTP_STREAMS',
    '429, 503',
    'Too many event streams are open: 20 of one caller, or 500 in all.',
    'Close some; one stream serves a whole page.',
  ],
  ['HTTP_DRAINING', '503', 'The daemon is about to stop.', 'Ask again in a moment.'],
  ['INTERNAL', '500', 'A bug of ours.', 'Report it with what the log says under the id of the request.'],
]
