// Calls a Lambda function with the time limit of the gateway. A late answer is ignored. The gateway's limit does not
// interrupt the function; the function's own Timeout does.

export type InvokeResult =
  | { ok: true; payload: unknown }
  | { ok: false; reason: 'error'; errorType: string; errorMessage: string; stackTrace?: string[] }
  | { ok: false; reason: 'timeout'; timeoutMs: number }

export type InvokeFunction = (functionLogicalId: string, event: unknown) => Promise<InvokeResult>

/** The function's result, or `gateway-timeout` if the gateway's limit passed first. */
export type Invocation = InvokeResult | { ok: false; reason: 'gateway-timeout' }

export async function invokeWithin(
  timeoutMs: number,
  invoke: InvokeFunction,
  functionId: string,
  event: unknown,
): Promise<Invocation> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise<Invocation>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: 'gateway-timeout' }), timeoutMs)
  })
  try {
    return await Promise.race([invoke(functionId, event), expiry])
  } finally {
    clearTimeout(timer)
  }
}
