// Where `npm run test:deploy` works: a temporary folder with the tools that npm and PyPI have, and what every step needs.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLambdaProcess } from '../../../local/api-gateway/lambda-process.ts'
import { mustRunIn, runIn, writeFiles } from '../hand-made-project.ts'

/** A check: its tool, what it checks, and a function that returns a note or throws the reason. */
export type Step = readonly [tool: string, what: string, check: () => string | Promise<string>]

const NPM_PACKAGES = ['aws-cdk@2', 'aws-cdk-lib@2', 'constructs@10']
const PROVIDERS = ['@cdktf/provider-aws@21', '@cdktf/provider-archive@11']
const PYPI_PACKAGES = ['cfn-lint==1.*', 'aws-sam-translator==1.*', 'python-hcl2==8.*']

/** The temporary folder. */
export const WORK: string = mkdtempSync(join(tmpdir(), 'lanekeeper-deploy-'))
export const TOOLS: string = join(WORK, 'tools')
/** The project of docs/deploying.md. */
export const PROJECT: string = join(WORK, 'orders')

const PYTHON_TOOLS = join(TOOLS, 'venv/bin')
/** With the packages of PyPI. */
export const PYTHON: string = join(PYTHON_TOOLS, 'python')

const FETCH = ['--no-save', '--no-audit', '--no-fund', '--silent']

/** Installs packages of npm into a folder of their own, and returns it. */
export function installInto(folder: string, packages: readonly string[]): string {
  mkdirSync(folder, { recursive: true })
  writeFiles(folder, { 'package.json': '{ "private": true }' })
  mustRunIn(folder, 'npm', ['install', ...FETCH, ...packages])
  return folder
}

export const installTools: Step = [
  'npm, pip',
  'the tools are installed',
  () => {
    installInto(TOOLS, NPM_PACKAGES)
    mustRunIn(TOOLS, 'npm', ['pack', '--silent', ...PROVIDERS])
    mustRunIn(TOOLS, 'python3', ['-m', 'venv', 'venv'])
    mustRunIn(TOOLS, join(PYTHON_TOOLS, 'pip'), ['install', '--quiet', ...PYPI_PACKAGES])
    const cdk = readJson(join(TOOLS, 'node_modules/aws-cdk-lib/package.json')).version
    const linter = mustRunIn(TOOLS, join(PYTHON_TOOLS, 'cfn-lint'), ['--version'])
      .trim()
      .replace('cfn-lint ', '')
    return `aws-cdk-lib ${cdk}, cfn-lint ${linter}`
  },
]

/** Throws with a message of one line, or more if a tool printed them. */
export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

/** Compares two values as JSON. */
export const expectSame = (what: string, found: unknown, wanted: unknown): void =>
  expect(
    JSON.stringify(found) === JSON.stringify(wanted),
    `${what}: ${JSON.stringify(found)}, and not ${JSON.stringify(wanted)}`,
  )

export const readJson = (path: string): any => JSON.parse(readFileSync(path, 'utf8'))

export const sameBytes = (one: string, other: string): boolean =>
  readFileSync(one).equals(readFileSync(other))

/** Runs a program of Python's. */
export const runPython = (folder: string, program: string, env: object = {}) =>
  runIn(folder, PYTHON, ['-c', program], env)

export const lint = (folder: string, file: string) =>
  runIn(folder, join(PYTHON_TOOLS, 'cfn-lint'), ['--non-zero-exit-code', 'error', '--', file])

export function mustLint(folder: string, file: string): void {
  const { status, output } = lint(folder, file)
  expect(status === 0, `cfn-lint: ${output}`)
}

/** Runs `cdk synth` in a folder whose app says where its output goes. */
export const synth = (folder: string, ...args: readonly string[]): string =>
  mustRunIn(
    folder,
    join(TOOLS, 'node_modules/.bin/cdk'),
    ['synth', ...args, '--no-notices', '--quiet', '--output', 'cdk.out'],
    { CDK_DISABLE_CLI_TELEMETRY: 'true' },
  )

/** The assets of a synthesized app with a file of this name. */
export const assetsWith = (folder: string, file: string): readonly string[] =>
  readdirSync(join(folder, 'cdk.out'))
    .filter((name) => name.startsWith('asset.'))
    .map((name) => join(folder, 'cdk.out', name))
    .filter((path) => readdirSync(path).includes(file))

/** Resources of a type in a template: their properties. */
export const propertiesOf = (template: any, type: string): readonly any[] =>
  Object.values(template.Resources)
    .filter((resource: any) => resource.Type === type)
    .map((resource: any) => resource.Properties)

/** The answer of a Lambda authorizer in a process of its own to a token that is none. */
export async function askLambda(codeDirectory: string): Promise<void> {
  const settings = {
    codeDirectory,
    handler: 'authorizer.handler',
    functionName: 'authorizer',
    functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:authorizer',
    memoryMegabytes: 128,
  }
  const lines: string[] = []
  const lambda = createLambdaProcess({
    settings,
    environment: { PATH: process.env['PATH'] ?? '', LAMBDA_TASK_ROOT: codeDirectory },
    timeoutMs: 10_000,
    onLine: (line) => void lines.push(line),
  })
  const http = { method: 'GET', path: '/orders', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: '' }
  const answer = await lambda.invoke({
    version: '2.0',
    type: 'REQUEST',
    routeArn: 'arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/orders',
    identitySource: ['Bearer x'],
    routeKey: 'GET /orders',
    rawPath: '/orders',
    rawQueryString: '',
    headers: { authorization: 'Bearer x' },
    requestContext: { http, routeKey: 'GET /orders', stage: '$default', requestId: 'r', domainName: 'api' },
  })
  await lambda.close()
  expect(
    answer.ok && (answer.payload as { isAuthorized?: unknown }).isAuthorized === false,
    `the authorizer answered ${JSON.stringify(answer)}\n${lines.join('\n')}`,
  )
  expect(
    lines.some((line) => line.includes('"plan":"')),
    'no line of the log names the plan',
  )
}

/** Writes a file into the temporary folder. */
export const writeWork = (name: string, text: string): void => writeFileSync(join(WORK, name), text)
