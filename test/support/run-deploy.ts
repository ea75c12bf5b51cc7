// `npm run test:deploy`: the project of docs/deploying.md, and the examples, go through tools that npm alone
// does not have here. It installs aws-cdk and the schemas of Terraform's providers from the npm registry, and cfn-lint,
// SAM's translator and a reader of HCL from PyPI, into a temporary folder. Nothing is uploaded and no account is
// needed. Exit code 0 if every check passes, else 1. Terraform itself is in neither registry: its file is compared with
// the schemas, and not run.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { layOut, paint } from '../../cli/table.ts'
import { createLambdaProcess } from '../../local/api-gateway/lambda-process.ts'
import {
  DEPLOYING,
  initProject,
  mustRunIn,
  ORDERS_FUNCTION,
  packTarball,
  runIn,
  writeFiles,
} from './hand-made-project.ts'
import { compareWithProviders, type TerraformFile } from './run-deploy-terraform.ts'

if (process.argv.length > 2) {
  console.error('npm run test:deploy takes no options.')
  process.exit(2)
}

const NPM_PACKAGES = ['aws-cdk@2', 'aws-cdk-lib@2', 'constructs@10']
const PROVIDERS = ['@cdktf/provider-aws@21', '@cdktf/provider-archive@11']
const PYPI_PACKAGES = ['cfn-lint==1.*', 'aws-sam-translator==1.*', 'python-hcl2==8.*']

const work = mkdtempSync(join(tmpdir(), 'lanekeeper-deploy-'))
const tools = join(work, 'tools')
const project = join(work, 'orders')
const python = join(tools, 'venv/bin')

type Step = readonly [tool: string, what: string, check: () => string | Promise<string>]

/** Throws with a message of one line, or more if a tool printed them. */
function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

const readJson = (path: string): any => JSON.parse(readFileSync(path, 'utf8'))

const sameBytes = (one: string, other: string): boolean => readFileSync(one).equals(readFileSync(other))

/** The answer of a Lambda authorizer in a process of its own to a token that is none. */
async function askLambda(codeDirectory: string): Promise<void> {
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

const lint = (file: string) =>
  runIn(project, join(python, 'cfn-lint'), ['--non-zero-exit-code', 'error', '--', file])

function mustLint(file: string): void {
  const { status, output } = lint(file)
  expect(status === 0, `cfn-lint: ${output}`)
}

const authorizersOf = (template: any): any[] =>
  Object.values(template.Resources)
    .filter((resource: any) => resource.Type === 'AWS::ApiGatewayV2::Authorizer')
    .map((resource: any) => resource.Properties)

const AUTHORIZER = {
  AuthorizerType: 'REQUEST',
  AuthorizerPayloadFormatVersion: '2.0',
  EnableSimpleResponses: true,
  AuthorizerResultTtlInSeconds: 0,
  IdentitySource: ['$request.header.Authorization'],
}

/** Compares the one authorizer of a template with what the configuration says. */
function expectAuthorizer(template: any): void {
  const found = authorizersOf(template)
  expect(found.length === 1, `${found.length} authorizers`)
  for (const [name, value] of Object.entries(AUTHORIZER))
    expect(
      JSON.stringify(found[0][name]) === JSON.stringify(value),
      `${name}: ${JSON.stringify(found[0][name])}`,
    )
}

/** An example of this repository, with its CloudFormation. */
const packageExample = (name: string, stage: string): Step => [
  'osls package',
  `examples/${name}, and cfn-lint accepts its CloudFormation`,
  () => {
    const example = join(ROOT, 'examples', name)
    const out = join(work, name)
    const build = ['cli/run.js', 'lanekeeper', 'build', '--edge', 'aws', '--stage', stage]
    const config = join(example, 'lanekeeper.config.ts')
    mustRunIn(ROOT, 'node', [...build, '--config', config, '--out', join(example, 'dist')])
    mustRunIn(example, 'osls', ['package', '--package', out])
    mustLint(join(out, 'cloudformation-template-update-stack.json'))
    for (const file of ['table.yml', 'domain.yml'])
      if (existsSync(join(example, file))) mustLint(join(example, file))
    return 'the functions, their roles and the table'
  },
]

const STEPS: readonly Step[] = [
  [
    'npm, pip',
    'the tools are installed',
    () => {
      mkdirSync(tools, { recursive: true })
      writeFiles(tools, { 'package.json': '{ "private": true }' })
      mustRunIn(tools, 'npm', [
        'install',
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--silent',
        ...NPM_PACKAGES,
      ])
      mustRunIn(tools, 'npm', ['pack', '--silent', ...PROVIDERS])
      mustRunIn(tools, 'python3', ['-m', 'venv', 'venv'])
      mustRunIn(tools, join(python, 'pip'), ['install', '--quiet', ...PYPI_PACKAGES])
      const cdk = readJson(join(tools, 'node_modules/aws-cdk-lib/package.json')).version
      const linter = mustRunIn(tools, join(python, 'cfn-lint'), ['--version']).trim().replace('cfn-lint ', '')
      return `aws-cdk-lib ${cdk}, cfn-lint ${linter}`
    },
  ],
  [
    'lanekeeper build',
    'a project from the tarball',
    async () => {
      mkdirSync(project)
      initProject(project, packTarball(work))
      const { 'authorizer.tf': terraform = '', ...files } = DEPLOYING
      writeFiles(project, { ...files, 'terraform/authorizer.tf': terraform, 'orders.mjs': ORDERS_FUNCTION })
      writeFiles(project, { 'orders/index.mjs': ORDERS_FUNCTION })
      const output = mustRunIn(project, 'npx', ['lanekeeper', 'build', '--edge', 'aws'])
      await askLambda(join(project, 'dist/lambda'))
      return /^plan .*/m.exec(output)![0]
    },
  ],
  [
    'osls package',
    'cfn-lint accepts its CloudFormation',
    () => {
      mustRunIn(project, 'osls', ['package'])
      const file = '.serverless/cloudformation-template-update-stack.json'
      mustLint(file)
      expectAuthorizer(readJson(join(project, file)))
      return 'the authorizer as configured'
    },
  ],
  [
    'cdk synth',
    'app.mjs, and cfn-lint accepts its CloudFormation',
    async () => {
      for (const name of ['aws-cdk-lib', 'constructs'])
        symlinkSync(join(tools, 'node_modules', name), join(project, 'node_modules', name))
      const args = ['synth', '--app', 'node app.mjs', '--no-notices', '--quiet', '--output', 'cdk.out']
      mustRunIn(project, join(tools, 'node_modules/.bin/cdk'), args, { CDK_DISABLE_CLI_TELEMETRY: 'true' })
      mustLint('cdk.out/Orders.template.json')
      expectAuthorizer(readJson(join(project, 'cdk.out/Orders.template.json')))
      const [asset = ''] = readdirSync(join(project, 'cdk.out')).filter(
        (name) =>
          name.startsWith('asset.') && readdirSync(join(project, 'cdk.out', name)).includes('authorizer.mjs'),
      )
      const built = join(project, 'dist/lambda/authorizer.mjs')
      expect(
        asset !== '' && sameBytes(join(project, 'cdk.out', asset, 'authorizer.mjs'), built),
        'other bytes',
      )
      await askLambda(join(project, 'cdk.out', asset))
      return 'the asset is dist/lambda, and answers'
    },
  ],
  [
    'SAM',
    'template.yaml, and cfn-lint accepts its CloudFormation',
    () => {
      mustLint('template.yaml')
      const { 'template.yaml': template = '' } = DEPLOYING
      const problem = (text: string): string | null => {
        writeFileSync(join(project, 'sam.yaml'), text)
        const args = ['-c', TRANSLATE]
        const { status, output } = runIn(project, join(python, 'python'), args, {
          AWS_DEFAULT_REGION: 'us-east-1',
        })
        if (status !== 0) return output
        writeFileSync(join(project, 'sam.json'), output)
        const linted = lint('sam.json')
        return linted.status === 0 ? null : linted.output
      }
      for (const [from, to] of [
        ['Handler: authorizer.handler', 'Handlr: authorizer.handler'],
        ['Runtime: nodejs24.x', 'Runtime: nodejs99.x'],
        ['!GetAtt Authorizer.Arn', '!GetAtt Authoriser.Arn'],
      ] as const)
        expect(problem(template.replace(from, to)) !== null, `accepts ${to}, too`)
      const found = problem(template)
      expect(found === null, String(found))
      const { Body: body } = readJson(join(project, 'sam.json')).Resources.Api.Properties
      const authorizer = body.components.securitySchemes.Lanekeeper['x-amazon-apigateway-authorizer']
      for (const [name, value] of Object.entries(AUTHORIZER).filter(([name]) => name !== 'AuthorizerType')) {
        const given = authorizer[name.charAt(0).toLowerCase() + name.slice(1)]
        expect(JSON.stringify(given) === JSON.stringify(value), `${name}: ${JSON.stringify(given)}`)
      }
      return 'the authorizer as configured; three broken ones are refused'
    },
  ],
  packageExample('revocation', 'production'),
  packageExample('bound', 'aws'),
  [
    'Terraform',
    'authorizer.tf: syntax, arguments, attributes',
    () => {
      const archives = readdirSync(tools)
        .filter((name) => name.endsWith('.tgz'))
        .map((name) => join(tools, name))
      const compare = (text: string) => {
        writeFileSync(join(project, 'terraform/authorizer.tf'), text)
        const json = mustRunIn(project, join(python, 'python'), ['-c', TO_JSON])
        return compareWithProviders(JSON.parse(json) as TerraformFile, archives)
      }
      const { 'authorizer.tf': file = '' } = DEPLOYING
      const { problems, compared } = compare(file)
      expect(problems.length === 0, problems.join('\n'))
      for (const [from, to] of [
        ['identity_sources ', 'identity_source '],
        [/^ *api_id.*$/m, ''],
        ['.invoke_arn', '.invocation_arn'],
      ] as const)
        expect(compare(file.replace(from, to)).problems.length === 1, `accepts ${to || 'no api_id'}, too`)
      return `${compared} arguments; three broken ones are refused; terraform itself was not run`
    },
  ],
]

/** Runs SAM's own translator. `sam deploy` uploads each `CodeUri` first, and puts its address there. */
const TRANSLATE = `
import json
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

class Policies:
    def load(self):
        return {'AWSLambdaBasicExecutionRole': 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'}

template = yaml_parse(open('sam.yaml').read())
for resource in template['Resources'].values():
    if 'CodeUri' in resource['Properties']:
        resource['Properties']['CodeUri'] = 's3://bucket/' + resource['Properties']['CodeUri']
print(json.dumps(transform(template, {}, Policies())))
`

const TO_JSON = `import hcl2, json; print(json.dumps(hcl2.load(open('terraform/authorizer.tf'))))`

const rows: string[][] = []
let failed = 0
for (const [tool, what, check] of STEPS) {
  const started = performance.now()
  process.stdout.write(`${tool}: ${what} ... `)
  const [mark, note] = await Promise.resolve()
    .then(check)
    .then(
      (text) => ['ok', text] as const,
      (error: unknown) => ['failed', error instanceof Error ? error.message : String(error)] as const,
    )
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  if (mark === 'failed') failed++
  process.stdout.write(`${paint(mark === 'ok' ? 'green' : 'red', mark)} (${seconds} s)\n`)
  if (mark === 'failed') console.log(`${note}\n`)
  rows.push([tool, what, mark, mark === 'ok' ? note : 'see above'])
}
rmSync(work, { recursive: true, force: true })
console.log(`\n${layOut(['tool', 'what', 'result', 'note'], rows)}\n`)
console.log(failed === 0 ? `All ${STEPS.length} passed.` : `${failed} of ${STEPS.length} failed.`)
process.exit(failed === 0 ? 0 : 1)
