// `lanekeeper/cdk` with the real aws-cdk-lib: its types, and examples/cdk synthesized and compared with its configuration.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import { mustRunIn, writeFiles } from '../hand-made-project.ts'
import { copyExample } from './example-project.ts'
import {
  assetsWith,
  expect,
  expectSame,
  installInto,
  mustLint,
  propertiesOf,
  readJson,
  synth,
  TOOLS,
  WORK,
  type Step,
} from './workspace.ts'

/** The lowest versions that package.json names. */
function lowestPeers(): readonly string[] {
  const { peerDependencies } = readJson(join(ROOT, 'package.json'))
  return ['aws-cdk-lib', 'constructs'].map(
    (name) => `${name}@${String(peerDependencies[name]).replace(/^\^/, '')}`,
  )
}

/** Checks the types of the constructs with the aws-cdk-lib in a folder, and those of the example besides. */
function checkTypes(name: string, modules: string, include: readonly string[], more: object = {}): void {
  const at = (path: string) => [join(modules, path)]
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      typeRoots: [join(ROOT, 'node_modules/@types')],
      paths: {
        'aws-cdk-lib': at('aws-cdk-lib/index.d.ts'),
        'aws-cdk-lib/*': at('aws-cdk-lib/*/index.d.ts'),
        constructs: at('constructs/lib/index.d.ts'),
        'lanekeeper/cdk': [join(ROOT, 'functions/aws/cdk/index.ts')],
      },
      ...more,
    },
    include: include.map((path) => join(ROOT, path)),
    exclude: [],
  }
  writeFiles(WORK, { [`tsconfig.${name}.json`]: JSON.stringify(config) })
  mustRunIn(WORK, 'tsc', ['-p', `tsconfig.${name}.json`])
}

/** Resources of the roles of authorizers that name more than one thing. */
const findWildcards = (template: any): readonly string[] =>
  propertiesOf(template, 'AWS::IAM::Role')
    .flatMap(({ Policies = [] }) => Policies)
    .flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource }: any) => [Action, Resource].flat())
    .map((named) => JSON.stringify(named))
    .filter((named) => named.includes('*'))

/** What the template of examples/cdk has to have besides what `lanekeeper check` compares. */
function inspectExample(template: any): void {
  expectSame('wildcards', findWildcards(template), [])
  const sources = propertiesOf(template, 'AWS::Lambda::Permission')
    .map(({ SourceArn }) => JSON.stringify(SourceArn))
    .filter((source) => source.includes('/authorizers/'))
  expectSame('permissions', sources.length, 3)
  expect(!sources.some((source) => source.includes('authorizers/*')), 'a permission for every authorizer')
  const responses = propertiesOf(template, 'AWS::ApiGateway::GatewayResponse')
  expectSame('gateway responses', responses.map(({ StatusCode }) => StatusCode).toSorted(), [
    ...['401', '403', '403', '503', '503'],
  ])
  const logs = [
    ...propertiesOf(template, 'AWS::ApiGatewayV2::Stage').map((stage) => stage.AccessLogSettings),
    ...propertiesOf(template, 'AWS::ApiGateway::Stage').map((stage) => stage.AccessLogSetting),
  ].map(({ Format }) => JSON.parse(Format).api as string)
  expectSame('access logs', logs.toSorted(), ['http', 'rest', 'websocket'])
  const lambdas = propertiesOf(template, 'AWS::Lambda::Function').filter(
    ({ Handler }) => Handler === 'authorizer.handler',
  )
  expectSame('functions', lambdas.length, 3)
  for (const { Runtime, MemorySize, Timeout, ReservedConcurrentExecutions } of lambdas)
    expectSame(
      'function',
      [Runtime, MemorySize, Timeout, ReservedConcurrentExecutions ?? null],
      [...['nodejs24.x', 256, 8, null]],
    )
}

export const CDK_STEPS: readonly Step[] = [
  [
    'tsc',
    'lanekeeper/cdk and examples/cdk with the types of aws-cdk-lib, and the constructs with its lowest version',
    () => {
      checkTypes('newest', join(TOOLS, 'node_modules'), ['functions/aws/cdk', 'examples/cdk'])
      const lowest = lowestPeers()
      const folder = installInto(join(WORK, 'lowest'), lowest)
      // Its own classes do not implement its interfaces under this setting of ours.
      const more = { exactOptionalPropertyTypes: false }
      checkTypes('lowest', join(folder, 'node_modules'), ['functions/aws/cdk'], more)
      return `also with ${lowest.join(' and ')}`
    },
  ],
  [
    'cdk synth',
    'examples/cdk, whose cdk.json builds first; cfn-lint and lanekeeper check --template accept it',
    () => {
      const folder = copyExample('cdk')
      synth(folder)
      const file = 'cdk.out/Orders.template.json'
      mustLint(folder, file)
      inspectExample(readJson(join(folder, file)))
      const output = mustRunIn(folder, 'npx', ['lanekeeper', 'check', '--edge', 'aws', '--template', file])
      expect(!/warning|problem/.test(output), output)
      expectSame('artefacts', assetsWith(folder, 'authorizer.mjs').length, 1)
      expect(
        !readdirSync(assetsWith(folder, 'authorizer.mjs')[0]!).includes('lambda.json'),
        'the description is deployed',
      )
      return 'three APIs; no wildcard in a role'
    },
  ],
]
