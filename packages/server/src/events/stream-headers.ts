/**
 * Of every stream of events. nginx keeps answers back until 4 KiB are together, so that events would come late or, without the
 * first bytes, never seem to connect; `x-accel-buffering: no` tells it to pass on what it gets.
 */
export const STREAM_HEADERS: Readonly<Record<'content-type' | 'cache-control' | 'x-accel-buffering', string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
}
