// The project of docs/deploying.md and the older examples, through osls, CDK, SAM and cfn-lint.

import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import {
  DEPLOYING,
  initProject,
  mustRunIn,
  ORDERS_FUNCTION,
  packTarball,
  writeFiles,
} from '../hand-made-project.ts'
import { translate } from './sam-translator.ts'
import {
  askLambda,
  assetsWith,
  expect,
  expectSame,
  lint,
  mustLint,
  PROJECT,
  propertiesOf,
  readJson,
  sameBytes,
  synth,
  TOOLS,
  WORK,
  type Step,
} from './workspace.ts'

const AUTHORIZER = {
  AuthorizerType: 'REQUEST',
  AuthorizerPayloadFormatVersion: '2.0',
  EnableSimpleResponses: true,
  AuthorizerResultTtlInSeconds: 0,
  IdentitySource: ['$request.header.Authorization'],
}

/** Compares the one authorizer of a template with what the configuration of the page says. */
function expectAuthorizer(template: any): void {
  const [found, ...others] = propertiesOf(template, 'AWS::ApiGatewayV2::Authorizer')
  expectSame('authorizers', others.length, 0)
  for (const [name, value] of Object.entries(AUTHORIZER)) expectSame(name, found[name], value)
}

/** An example of this repository that osls deploys, with its CloudFormation. */
const packageExample = (name: string, stage: string): Step => [
  'osls package',
  `examples/${name}, and cfn-lint accepts its CloudFormation`,
  () => {
    const example = join(ROOT, 'examples', name)
    const out = join(WORK, name)
    const build = ['cli/run.js', 'lanekeeper', 'build', '--edge', 'aws', '--stage', stage]
    const config = join(example, 'lanekeeper.config.ts')
    mustRunIn(ROOT, 'node', [...build, '--config', config, '--out', join(example, 'dist')])
    mustRunIn(example, 'osls', ['package', '--package', out])
    mustLint(example, join(out, 'cloudformation-template-update-stack.json'))
    for (const file of ['table.yml', 'domain.yml'])
      if (existsSync(join(example, file))) mustLint(example, join(example, file))
    return 'the functions, their roles and the table'
  },
]

export const PAGE_STEPS: readonly Step[] = [
  [
    'lanekeeper build',
    'a project from the tarball',
    async () => {
      mkdirSync(PROJECT)
      initProject(PROJECT, packTarball(WORK))
      const { 'authorizer.tf': terraform = '', ...files } = DEPLOYING
      writeFiles(PROJECT, { ...files, 'terraform/authorizer.tf': terraform, 'orders.mjs': ORDERS_FUNCTION })
      writeFiles(PROJECT, { 'orders/index.mjs': ORDERS_FUNCTION })
      const output = mustRunIn(PROJECT, 'npx', ['lanekeeper', 'build', '--edge', 'aws'])
      await askLambda(join(PROJECT, 'dist/lambda'))
      return /^plan .*/m.exec(output)![0]
    },
  ],
  [
    'osls package',
    'cfn-lint accepts its CloudFormation',
    () => {
      mustRunIn(PROJECT, 'osls', ['package'])
      const file = '.serverless/cloudformation-template-update-stack.json'
      mustLint(PROJECT, file)
      expectAuthorizer(readJson(join(PROJECT, file)))
      return 'the authorizer as configured'
    },
  ],
  [
    'cdk synth',
    'app.mjs, and cfn-lint accepts its CloudFormation',
    async () => {
      for (const name of ['aws-cdk-lib', 'constructs'])
        symlinkSync(join(TOOLS, 'node_modules', name), join(PROJECT, 'node_modules', name))
      synth(PROJECT, '--app', 'node app.mjs')
      mustLint(PROJECT, 'cdk.out/Orders.template.json')
      expectAuthorizer(readJson(join(PROJECT, 'cdk.out/Orders.template.json')))
      const [asset = ''] = assetsWith(PROJECT, 'authorizer.mjs')
      const built = join(PROJECT, 'dist/lambda/authorizer.mjs')
      expect(asset !== '' && sameBytes(join(asset, 'authorizer.mjs'), built), 'other bytes')
      await askLambda(asset)
      return 'the asset is dist/lambda, and answers'
    },
  ],
  [
    'SAM',
    'template.yaml, and cfn-lint accepts its CloudFormation',
    () => {
      mustLint(PROJECT, 'template.yaml')
      const { 'template.yaml': template = '' } = DEPLOYING
      const problem = (text: string): string | null => {
        const { status, output } = translate(PROJECT, text)
        if (status !== 0) return output
        writeFileSync(join(PROJECT, 'sam.json'), output)
        const linted = lint(PROJECT, 'sam.json')
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
      const { Body: body } = readJson(join(PROJECT, 'sam.json')).Resources.Api.Properties
      const authorizer = body.components.securitySchemes.Lanekeeper['x-amazon-apigateway-authorizer']
      for (const [name, value] of Object.entries(AUTHORIZER).filter(([name]) => name !== 'AuthorizerType'))
        expectSame(name, authorizer[name.charAt(0).toLowerCase() + name.slice(1)], value)
      return 'the authorizer as configured; three broken ones are refused'
    },
  ],
  packageExample('revocation', 'production'),
  packageExample('bound', 'aws'),
]
