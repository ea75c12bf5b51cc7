// The execution environment of one Lambda function: a child process that starts with the first invocation and again
// after it has ended (Lambda developer guide, "Understanding the Lambda execution environment lifecycle"). It handles
// one invocation at a time, as on Lambda. A concurrent invocation waits; Lambda would start a second environment. The
// process is not frozen between invocations.

import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { InvokeResult } from './invocation.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './lambda-worker.ts'

export interface LambdaProcessOptions {
  settings: WorkerSettings
  environment: Record<string, string>
  timeoutMs: number
  onLine: (line: string) => void
}

export interface LambdaProcess {
  invoke(event: unknown): Promise<InvokeResult>
  close(): Promise<void>
}

/** `.ts`, or `.js` in the package. */
const WORKER = join(import.meta.dirname, `lambda-worker${extname(import.meta.filename)}`)
/** Documented limit of the init phase. */
const INIT_TIMEOUT_MS = 10_000
/** Documented quota of a synchronous request and of its response. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

interface Environment {
  child: ChildProcess
  ready: Promise<InvokeResult | 'ready'>
  closed: Promise<void>
}

export function createLambdaProcess({
  settings,
  environment,
  timeoutMs,
  onLine,
}: LambdaProcessOptions): LambdaProcess {
  let current: Environment | undefined
  let tail: Promise<unknown> = Promise.resolve()
  let isClosed = false

  function start(): Environment {
    const child = fork(WORKER, [], {
      cwd: settings.codeDirectory,
      env: environment,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', onLine)
    }
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const ready = awaitReply<InvokeResult | 'ready'>(child, INIT_TIMEOUT_MS, (message) =>
      message.kind === 'ready' ? 'ready' : message.kind === 'failure' ? toFailure(message) : undefined,
    )
    // Writing to a child that has already ended fails. The `exit` event handles that case.
    child.on('error', () => undefined)
    post(child, { kind: 'settings', settings })
    const started = { child, ready, closed }
    const forget = () => {
      if (current === started) current = undefined
    }
    child.once('exit', forget)
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'failure' && message.fatal) forget()
    })
    return started
  }

  async function invokeNow(event: unknown): Promise<InvokeResult> {
    if (isClosed) return failure('Runtime.Closed', 'the local Lambda runtime is closed')
    const text = toJson(event)
    if (text === undefined) return failure('InvalidRequestContentException', 'the event is not JSON')
    if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
      return failure('RequestTooLargeException', 'the event exceeds 6 MB')
    }
    const { child, ready, closed } = (current ??= start())
    const stop = async () => {
      current = undefined
      child.kill('SIGKILL')
      await closed
    }
    const initialised = await ready
    if (initialised !== 'ready') {
      await stop()
      return initialised
    }

    const requestId = randomUUID()
    const reply = awaitReply<InvokeResult>(child, timeoutMs, (message) => {
      if (message.kind === 'answer' && message.requestId === requestId) return toAnswer(message.payload)
      // A failure without a request id means that the process ends because of an error outside of a handler.
      const isOurs = message.kind === 'failure' && (message.requestId ?? requestId) === requestId
      return isOurs ? toFailure(message) : undefined
    })
    post(child, { kind: 'invoke', requestId, deadlineMs: Date.now() + timeoutMs, event: text })
    const result = await reply
    if (!result.ok && result.reason === 'timeout') await stop()
    return result
  }

  return {
    invoke(event) {
      const result = tail.then(() => invokeNow(event))
      tail = result.catch(() => undefined)
      return result
    },
    async close() {
      isClosed = true
      const closing = current
      closing?.child.kill('SIGKILL')
      await closing?.closed
    },
  }
}

/** The first message that `read` accepts, or a failure if the time limit passes or the process ends first. */
function awaitReply<T>(
  child: ChildProcess,
  timeoutMs: number,
  read: (message: FromWorker) => T | undefined,
): Promise<T | InvokeResult> {
  return new Promise((resolve) => {
    const settle = (result: T | InvokeResult) => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('close', onClose)
      child.off('error', onError)
      resolve(result)
    }
    const onMessage = (message: FromWorker) => {
      const result = read(message)
      if (result !== undefined) settle(result)
    }
    const onClose = (code: number | null, signal: string | null) =>
      settle(
        failure(
          'Runtime.ExitError',
          `Runtime exited with ${code === null ? `signal ${signal}` : `status ${code}`}`,
        ),
      )
    const onError = (error: Error) => settle(failure('Runtime.StartError', error.message))
    const timer = setTimeout(() => settle({ ok: false, reason: 'timeout', timeoutMs }), timeoutMs)
    if (child.exitCode !== null || child.signalCode !== null) return onClose(child.exitCode, child.signalCode)
    child.on('message', onMessage)
    child.once('close', onClose)
    child.once('error', onError)
  })
}

function post(child: ChildProcess, message: ToWorker): void {
  child.send(message, () => undefined)
}

function toAnswer(text: string): InvokeResult {
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    return failure('Function.ResponseSizeTooLarge', 'the response exceeds 6 MB')
  }
  return { ok: true, payload: JSON.parse(text) as unknown }
}

function toFailure({
  errorType,
  errorMessage,
  stackTrace,
}: Extract<FromWorker, { kind: 'failure' }>): InvokeResult {
  return { ok: false, reason: 'error', errorType, errorMessage, stackTrace }
}

function failure(errorType: string, errorMessage: string): InvokeResult {
  return { ok: false, reason: 'error', errorType, errorMessage }
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
