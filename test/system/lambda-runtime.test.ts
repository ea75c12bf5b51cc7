import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createLambdaRuntime } from '../../local/api-gateway/lambda-runtime.ts'
import { lambdaFunction } from '../local/api-gateway/template-builder.ts'

interface Options {
  file?: string
  properties?: object
  environment?: Record<string, string>
}

async function run(
  source: string,
  { file = 'code/index.mjs', properties = {}, environment = {} }: Options = {},
) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'lanekeeper-lambda-')))
  await mkdir(join(directory, 'code'))
  await writeFile(join(directory, file), source)
  const lines: string[] = []
  const runtime = createLambdaRuntime({
    template: { Resources: { F: lambdaFunction({ FunctionName: 'my-function', ...properties }) } },
    codeDirectory: directory,
    environment,
    onLog: (id, line) => void lines.push(`${id} ${line}`),
  })
  onTestFinished(async () => {
    await runtime.close()
    await rm(directory, { recursive: true })
  })
  const invoke = (event: unknown = {}) => runtime.invoke('F', event)
  return { invoke, lines, directory, runtime }
}

test('an event and an answer travel as JSON', async () => {
  const { invoke } = await run(
    `export const handler = async (event) => ({ event, keys: Object.keys(event), gone: undefined })`,
  )
  expect(await invoke({ a: [1, null], at: new Date(0), gone: undefined })).toEqual({
    ok: true,
    payload: { event: { a: [1, null], at: '1970-01-01T00:00:00.000Z' }, keys: ['a', 'at'] },
  })
})

test('an answer of undefined is null', async () => {
  const { invoke } = await run(`export const handler = async () => {}`)
  expect(await invoke()).toEqual({ ok: true, payload: null })
})

test('CommonJS handlers load too', async () => {
  const { invoke } = await run(`exports.handler = async () => 'cjs'`, { file: 'code/index.cjs' })
  expect(await invoke()).toEqual({ ok: true, payload: 'cjs' })
})

test('the process lives on between invocations', async () => {
  const { invoke } = await run(`let count = 0; export const handler = async () => [++count, process.pid]`)
  const first: any = await invoke()
  const second: any = await invoke()
  expect([first.payload[0], second.payload[0]]).toEqual([1, 2])
  expect(second.payload[1]).toBe(first.payload[1])
  expect(first.payload[1]).not.toBe(process.pid)
})

test('invocations of one function do not overlap', async () => {
  const { invoke } = await run(`
    let running = 0
    export const handler = async () => {
      const seen = ++running
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
      return seen
    }`)
  const results = await Promise.all([invoke(), invoke(), invoke()])
  expect(results).toEqual([1, 1, 1].map((payload) => ({ ok: true, payload })))
})

test.each([
  [`throw new Error('Unauthorized')`, 'Error', 'Unauthorized'],
  [`throw new TypeError('bad')`, 'TypeError', 'bad'],
  [`throw 'Unauthorized'`, 'string', 'Unauthorized'],
  [`return 1n`, 'TypeError', 'Do not know how to serialize a BigInt'],
  [`const a = {}; a.a = a; return a`, 'TypeError', expect.stringContaining('circular')],
])('%s is a failure, and the next invocation works', async (body, errorType, errorMessage) => {
  const { invoke } = await run(
    `export const handler = async ({ fail }) => { if (fail) { ${body} } return 'fine' }`,
  )
  const result = await invoke({ fail: true })
  expect(result).toMatchObject({ ok: false, reason: 'error', errorType, errorMessage })
  expect(await invoke({})).toEqual({ ok: true, payload: 'fine' })
})

test.each([
  ['never settles', 'await new Promise(() => {})'],
  ['never yields', 'for (;;) {}'],
])('a handler that %s is a timeout, and the process starts anew', async (_, body) => {
  const source = `let count = 0; export const handler = async ({ hang }) => { count++; if (hang) { ${body} } return count }`
  const { invoke } = await run(source, { properties: { Timeout: 1 } })
  expect(await invoke({})).toEqual({ ok: true, payload: 1 })
  expect(await invoke({ hang: true })).toEqual({ ok: false, reason: 'timeout', timeoutMs: 1000 })
  expect(await invoke({})).toEqual({ ok: true, payload: 1 })
})

test('an import that throws fails the invocation and is logged', async () => {
  const { invoke, lines } = await run(`throw new Error('no config')`)
  expect(await invoke()).toMatchObject({ ok: false, reason: 'error', errorMessage: 'no config' })
  expect(await invoke()).toMatchObject({ ok: false, errorMessage: 'no config' })
  await vi.waitFor(() => expect(lines.join('\n')).toContain('no config'))
})

test.each([
  ['code/other.handler', 'Runtime.ImportModuleError'],
  ['code/index.other', 'Runtime.HandlerNotFound'],
  ['code/index.callback', 'Runtime.CallbackHandlerDeprecated'],
])('the handler %s is a %s', async (Handler, errorType) => {
  const source = `export const handler = async () => 1; export const callback = (event, context, done) => done(null, 1)`
  const { invoke } = await run(source, { properties: { Handler } })
  expect(await invoke()).toMatchObject({ ok: false, errorType })
})

test.each([
  ['exits', 'process.exit(3)', 'Runtime.ExitError'],
  [
    'leaves a rejection',
    `Promise.reject(new Error('lost')); await new Promise(() => {})`,
    'Runtime.UnhandledPromiseRejection',
  ],
  [
    'throws later',
    `setImmediate(() => { throw new RangeError('late') }); await new Promise(() => {})`,
    'RangeError',
  ],
])('a handler that %s fails, and the process starts anew', async (_, body, errorType) => {
  const { invoke } = await run(
    `export const handler = async ({ end }) => { if (end) { ${body} } return 'fine' }`,
  )
  expect(await invoke({ end: true })).toMatchObject({ ok: false, reason: 'error', errorType })
  expect(await invoke({})).toEqual({ ok: true, payload: 'fine' })
})

test('both output streams arrive line by line, also from init', async () => {
  const { invoke, lines } = await run(`
    console.log('init')
    export const handler = async () => { process.stdout.write('one\\ntw'); process.stdout.write('o\\n'); console.error('three') }`)
  await invoke()
  await vi.waitFor(() => expect(lines.toSorted()).toEqual(['F init', 'F one', 'F three', 'F two']))
})

test('the environment is the template, the override and what Lambda sets', async () => {
  vi.stubEnv('LANEKEEPER_LEAK', 'secret')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { invoke, directory } = await run(`export const handler = async () => process.env`, {
    properties: { Environment: { Variables: { STAGE: 'local', URL: 'https://a.example' } } },
    environment: { URL: 'http://127.0.0.1:1' },
  })
  const result: any = await invoke()
  expect(result.payload).toMatchObject({
    STAGE: 'local',
    URL: 'http://127.0.0.1:1',
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'my-function',
    LAMBDA_TASK_ROOT: directory,
  })
  const names = Object.keys(result.payload).filter(
    (name) => !/^(AWS_|LAMBDA_TASK_ROOT$|_HANDLER$)/.test(name),
  )
  expect(names.sort()).toEqual(['LANG', 'PATH', 'STAGE', 'TZ', 'URL'])
})

test('the context names the function', async () => {
  const { invoke } = await run(`
    export const handler = async (_, context) =>
      [context.functionName, context.invokedFunctionArn, typeof context.awsRequestId, context.getRemainingTimeInMillis() > 0]`)
  expect(await invoke()).toEqual({
    ok: true,
    payload: ['my-function', 'arn:aws:lambda:us-east-1:123456789012:function:my-function', 'string', true],
  })
})

test('close ends the process', async () => {
  const { invoke, runtime } = await run(`export const handler = async () => process.pid`)
  const result: any = await invoke()
  await runtime.close()
  expect(() => process.kill(result.payload, 0)).toThrow(/ESRCH/)
  expect(await invoke()).toMatchObject({ ok: false, errorType: 'Runtime.Closed' })
})
