import type { CodeTexts } from './code-texts.ts'

/** What the HTTP server refuses, and why it may not start. */
export const HTTP_CODES: CodeTexts = {
  SERVER_NEEDS_TOKEN: [
    'The daemon should listen where others can reach it, and there is no token that may be used. It did not start.',
    'Make one with `tidegate token create --name first --scope admin`, or listen on 127.0.0.1.',
  ],
  HTTP_HOST: [
    'A request named another host than localhost or 127.0.0.1 (answer 421).',
    'Open the address as it was printed; further names of the daemon stand in server.allowed_hosts.',
  ],
  HTTP_METHOD: [
    'The address does not know the method of a request (answer 405).',
    'The header Allow lists those it knows.',
  ],
  HTTP_TARGET: [
    'The target of a request is no path, badly encoded or too long (answer 400 or 414).',
    'Ask for a path that begins with a slash, its parts percent-encoded.',
  ],
  HTTP_PARAMETER: ['A parameter of a request is unknown or out of range (answer 400).', 'The detail says which.'],
  HTTP_BODY: [
    'The body of a request is no JSON, or not as its schema says (answer 400). Nothing was changed.',
    'The list of errors names each field.',
  ],
  HTTP_REQUEST: ['A request is malformed (answer 400).', 'Send what HTTP/1.1 asks for.'],
  HTTP_UNAUTHENTICATED: [
    'A request had no token or session, or one that is not valid (any more) (answer 401).',
    'Send `Authorization: Bearer tg_…`; `tidegate token create` makes one.',
  ],
  HTTP_SCOPE: [
    'The token of a request may not do what was asked (answer 403). Nothing was changed.',
    'The detail names the scope that is needed; make a token that has it.',
  ],
  HTTP_CSRF: [
    'A change that was signed in by cookie lacked the header x-csrf-token (answer 403). Nothing was changed.',
    'GET /api/v1/session tells it.',
  ],
  HTTP_ORIGIN: [
    'A page of another site wanted to change something (answer 403). Nothing was changed.',
    'Name its origin in server.cors_origins, if it may.',
  ],
  HTTP_NOT_FOUND: [
    'There is nothing at that address (answer 404).',
    'docs/monitoring.md and docs/http-api.md list the addresses.',
  ],
  HTTP_PRECONDITION: [
    'What should be changed was changed by somebody else since it was read (answer 412). Nothing was changed.',
    'Read it again and send its ETag in If-Match.',
  ],
  HTTP_BODY_SIZE: ['The body of a request is larger than server.body_limit (answer 413).', 'Send less, or raise it.'],
  HTTP_MEDIA_TYPE: ['The body of a request is no JSON in UTF-8 (answer 415).', 'Send it as application/json.'],
  HTTP_IDEMPOTENCY_KEY: [
    'An Idempotency-Key is malformed (answer 400) or was used for another request (answer 422). Nothing was changed.',
    'Make a new key of 1 to 200 visible ASCII characters for each new request.',
  ],
  HTTP_IDEMPOTENCY_RUNNING: [
    'The first request with this Idempotency-Key still runs (answer 409).',
    'Ask again in a second: then its answer is given.',
  ],
  HTTP_STREAMS: [
    'Too many event streams are open: 20 of one caller, or 500 of all of them.',
    'Close some; a page needs one.',
  ],
  HTTP_RATE: [
    'Too many requests of one token or address in a minute, or too many failed sign-ins (answer 429).',
    'Wait as long as Retry-After says; server.requests_per_minute sets the limit.',
  ],
  HTTP_DRAINING: ['The daemon is about to stop (answer 503).', 'Ask again in a moment, or ask another daemon.'],
  JOB_BAD_ARGUMENT: [
    'A run was ordered with an argument that it does not take.',
    'The message names it; order it again.',
  ],
  JOB_UNKNOWN_COMMAND: [
    'The state holds a run of a kind that this version does not know.',
    'Start the version of Tidegate that made it.',
  ],
}
