// The process of one Lambda function: loads the handler once, then answers events over IPC, one at a time (Lambda
// developer guide, "Define Lambda function handler in Node.js"). lambda-process.ts starts it with the environment of
// the function only. Handlers are async only, because nodejs24.x has no callback handlers. The process ends with its
// parent.

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface WorkerSettings {
  codeDirectory: string
  handler: string
  functionName: string
  functionArn: string
  memoryMegabytes: number
}

/** Events and payloads are sent as JSON strings, as on Lambda. */
export type ToWorker =
  | { kind: 'settings'; settings: WorkerSettings }
  | { kind: 'invoke'; requestId: string; deadlineMs: number; event: string }

export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'answer'; requestId: string; payload: string }
  | {
      kind: 'failure'
      requestId?: string
      /** Whether the process ends, because of an error during init or outside of a handler. */
      fatal: boolean
      errorType: string
      errorMessage: string
      stackTrace: string[]
    }

type Handler = (event: unknown, context: unknown) => unknown

const EXTENSIONS = ['.js', '.mjs', '.cjs']

let handler: Handler | undefined
let settings: WorkerSettings | undefined
let currentRequest: string | undefined

process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToWorker) => {
  if (message.kind === 'settings') void initialise(message.settings)
  else void answer(message)
})
process.on('uncaughtException', (error) => fatal(error))
process.on('unhandledRejection', (reason) => fatal(reason, 'Runtime.UnhandledPromiseRejection'))

async function initialise(received: WorkerSettings): Promise<void> {
  settings = received
  try {
    handler = await loadHandler(received)
    send({ kind: 'ready' })
  } catch (error) {
    fatal(error)
  }
}

async function loadHandler({ codeDirectory, handler: name }: WorkerSettings): Promise<Handler> {
  const [, moduleName = '', exportPath = ''] = /^([^.]*)\.(.+)$/.exec(basename(name)) ?? []
  const module = join(codeDirectory, dirname(name), moduleName)
  const file = EXTENSIONS.map((extension) => module + extension).find((candidate) => existsSync(candidate))
  if (!file) throw createError('Runtime.ImportModuleError', `Cannot find module '${moduleName}'`)
  const exports: Record<string, unknown> = await import(pathToFileURL(file).href)
  const loaded = valueAt(exports, exportPath) ?? valueAt(exports['default'], exportPath)
  if (typeof loaded !== 'function')
    throw createError('Runtime.HandlerNotFound', `${name} is undefined or not exported`)
  if (loaded.length > 2) {
    throw createError(
      'Runtime.CallbackHandlerDeprecated',
      `${name} takes a callback, which nodejs24.x does not have`,
    )
  }
  return loaded as Handler
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce((part: any, name) => part?.[name], value)
}

async function answer({
  requestId,
  deadlineMs,
  event,
}: Extract<ToWorker, { kind: 'invoke' }>): Promise<void> {
  currentRequest = requestId
  try {
    const result = await handler!(JSON.parse(event), contextOf(requestId, deadlineMs))
    send({ kind: 'answer', requestId, payload: JSON.stringify(result) ?? 'null' })
  } catch (error) {
    console.error('Invoke Error', error)
    send({ kind: 'failure', requestId, fatal: false, ...describe(error) })
  } finally {
    currentRequest = undefined
  }
}

function contextOf(awsRequestId: string, deadlineMs: number): object {
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings!.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings!.functionArn,
    memoryLimitInMB: String(settings!.memoryMegabytes),
    logGroupName: `/aws/lambda/${settings!.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
}

/** An error outside of a handler ends the process, as in the Lambda runtime. */
function fatal(error: unknown, errorType?: string): void {
  console.error('Uncaught Exception', error)
  const description = { ...describe(error), ...(errorType !== undefined && { errorType }) }
  const request = currentRequest === undefined ? {} : { requestId: currentRequest }
  if (!process.connected) process.exit(1)
  process.send!({ kind: 'failure', fatal: true, ...request, ...description } satisfies FromWorker, () =>
    process.exit(1),
  )
}

function describe(error: unknown): { errorType: string; errorMessage: string; stackTrace: string[] } {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), stackTrace: [] }
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: (error.stack ?? '').split('\n').slice(1),
  }
}

function createError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

function send(message: FromWorker): void {
  if (process.connected) process.send!(message)
}
