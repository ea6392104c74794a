/** Why a try failed, in a closed list: what a receiver writes in its answer is never kept. */
export type FailureClass =
  | 'http_status'
  | 'redirect'
  | 'gone'
  | 'throttled'
  | 'timeout'
  | 'address_refused'
  | 'name_not_found'
  | 'connection_failed'
  | 'tls_failed';

/** What came of one request. */
export type Answer =
  | { kind: 'status'; status: number; retryAfterSeconds: number | null }
  | { kind: 'failed'; failure: Exclude<FailureClass, 'http_status' | 'redirect' | 'gone' | 'throttled'> };

/** What the answer means for the delivery, and for its endpoint. */
export interface Verdict {
  readonly isDelivered: boolean;
  readonly failure: FailureClass | null; // null = delivered
  readonly status: number | null; // null = no answer came
  readonly retryAfterSeconds: number | null; // null = the receiver asked for nothing
  /** 410: the receiver is gone for good, and its endpoint is disabled. */
  readonly disablesEndpoint: boolean;
  /** Nothing is sent to the endpoint for this long. 0 = no pause. */
  readonly pauseEndpointSeconds: number;
}

/** How long an endpoint that says "too much" rests when it does not say for how long. */
const DEFAULT_PAUSE_SECONDS = 15;
const LONGEST_PAUSE_SECONDS = 3600;

/**
 * Reads an answer by the rules of Standard Webhooks: 2xx is delivered; 3xx is a failure and is not followed; 410
 * disables the endpoint; 429, 502 and 504 slow the endpoint down; `Retry-After` is obeyed wherever it comes. Pure.
 */
export function judgeAnswer(answer: Answer): Verdict {
  const failed = { isDelivered: false, status: null, retryAfterSeconds: null, disablesEndpoint: false } as const;
  if (answer.kind === 'failed') return { ...failed, failure: answer.failure, pauseEndpointSeconds: 0 };

  const { status, retryAfterSeconds } = answer;
  if (status >= 200 && status < 300) {
    return { ...failed, isDelivered: true, failure: null, status, pauseEndpointSeconds: 0 };
  }
  const isThrottled = status === 429 || status === 502 || status === 504;
  const pauseSeconds = retryAfterSeconds ?? (isThrottled ? DEFAULT_PAUSE_SECONDS : 0);
  return {
    isDelivered: false,
    failure: failureOfStatus(status, isThrottled),
    status,
    retryAfterSeconds,
    disablesEndpoint: status === 410,
    pauseEndpointSeconds: Math.min(pauseSeconds, LONGEST_PAUSE_SECONDS),
  };
}

function failureOfStatus(status: number, isThrottled: boolean): FailureClass {
  if (status === 410) return 'gone';
  if (isThrottled) return 'throttled';
  return status >= 300 && status < 400 ? 'redirect' : 'http_status';
}
