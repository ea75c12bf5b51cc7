// How the gateway calls a Lambda function, and the limit on waiting for it. What happens to a late answer is
// that nobody reads it; the function is not interrupted (its own Timeout does that).

export type InvokeResult =
  | { ok: true; payload: unknown }
  | { ok: false; reason: 'error'; errorType: string; errorMessage: string; stackTrace?: string[] }
  | { ok: false; reason: 'timeout'; timeoutMs: number }

export type InvokeFunction = (functionLogicalId: string, event: unknown) => Promise<InvokeResult>

/** What the gateway saw: the function's result, or that the gateway's own limit came first. */
export type Invocation = InvokeResult | { ok: false; reason: 'gave-up' }

export async function invokeWithin(
  timeoutMs: number,
  invoke: InvokeFunction,
  functionId: string,
  event: unknown,
): Promise<Invocation> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise<Invocation>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: 'gave-up' }), timeoutMs)
  })
  try {
    return await Promise.race([invoke(functionId, event), expiry])
  } finally {
    clearTimeout(timer)
  }
}
