// The binding to Durable Objects of the store Worker, as far as it is used, and which of its errors may be repeated.
// https://developers.cloudflare.com/durable-objects/best-practices/error-handling/

/** The part of the binding to a Durable Object that is used. */
export interface DurableObjectNamespaceLike {
  getByName(name: string): object
}

/** Whether the platform says that the same call may succeed at once: the object was moved or updated, say. */
const isRetryable = (error: unknown): boolean => {
  const { retryable, overloaded } = Object(error) as {
    readonly retryable?: unknown
    readonly overloaded?: unknown
  }
  return retryable === true && overloaded !== true
}

/** Calls, and once more where the platform says so. The first call may have been made all the same. */
export async function callAgain<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    if (!isRetryable(error)) throw error
    return await call()
  }
}

export function expectForm(isExpected: boolean): void {
  if (!isExpected) throw new TypeError('the answer of the store is malformed')
}
