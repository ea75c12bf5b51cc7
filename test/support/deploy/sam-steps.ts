// examples/sam through cfn-lint and SAM's translator, and compared with the description that its build writes.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import { mustRunIn } from '../hand-made-project.ts'
import { buildExample } from './example-project.ts'
import { compareWithTranslator } from '../run-deploy-sam.ts'
import { translate } from './sam-translator.ts'
import { expect, expectSame, mustLint, readJson, type Step, PYTHON } from './workspace.ts'

/** The authorizer in the OpenAPI that SAM has made of an API. */
const authorizerIn = (template: any, api: string) =>
  template.Resources[api].Properties.Body.components.securitySchemes.Lanekeeper[
    'x-amazon-apigateway-authorizer'
  ]

/** Compares what SAM has made of the template with dist/lambda.json. */
function compare(template: any, description: any): void {
  const { rest, http } = description.authorizers['']
  const [ofRest, ofHttp] = [authorizerIn(template, 'RestApi'), authorizerIn(template, 'HttpApi')]
  expectSame(
    'REST',
    [ofRest.type, ofRest.identitySource, ofRest.authorizerResultTtlInSeconds],
    [rest.type.toLowerCase(), rest.identitySources.join(', '), rest.resultTtlSeconds],
  )
  expectSame(
    'HTTP',
    [
      ofHttp.type,
      ofHttp.identitySource,
      ofHttp.authorizerResultTtlInSeconds,
      ofHttp.authorizerPayloadFormatVersion,
      // SAM leaves out false, which is the default of API Gateway.
      ofHttp.enableSimpleResponses ?? false,
    ],
    [
      'request',
      http.identitySources,
      http.resultTtlSeconds,
      http.payloadFormatVersion,
      http.enableSimpleResponses,
    ],
  )
  const responses = template.Resources.RestApi.Properties.Body['x-amazon-apigateway-gateway-responses']
  const { responseParameters } = responses.UNAUTHORIZED
  expectSame(
    'challenge',
    responseParameters['gatewayresponse.header.WWW-Authenticate'],
    `'${description.challenge}'`,
  )
}

export const SAM_STEPS: readonly Step[] = [
  [
    'lanekeeper check',
    'SAM: findings about the source are those about what the translator makes of it',
    () => compareWithTranslator(PYTHON, [join(ROOT, 'examples/sam/template.yaml')]),
  ],
  [
    'SAM',
    'examples/sam: cfn-lint and the translator accept it, and it is as dist/lambda.json says',
    () => {
      const folder = buildExample('sam')
      mustLint(folder, 'template.yaml')
      const text = readFileSync(join(folder, 'template.yaml'), 'utf8')
      const description = readJson(join(folder, 'dist/lambda.json'))
      const { status, output } = translate(folder, text)
      expect(status === 0, output)
      writeFileSync(join(folder, 'sam.json'), output)
      mustLint(folder, 'sam.json')
      compare(JSON.parse(output), description)
      for (const [from, to] of [
        ['Context: [httpMethod, path]', 'Context: [httpMethod]'],
        ['ReauthorizeEvery: 300', 'ReauthorizeEvery: 60'],
        ['EnableSimpleResponses: false', 'EnableSimpleResponses: true'],
      ] as const) {
        const changed = JSON.parse(translate(folder, text.replace(from, to)).output)
        expect(differs(changed, description), `${to} is as dist/lambda.json says, too`)
      }
      return 'the authorizers of both APIs; three others are told from them'
    },
  ],
  [
    'lanekeeper check',
    'examples/sam: --template',
    () => {
      const folder = buildExample('sam', 'sam-checked')
      const args = ['lanekeeper', 'check', '--edge', 'aws', '--template', 'template.yaml']
      const output = mustRunIn(folder, 'npx', args)
      expect(!/warning|problem/.test(output), output)
      return 'without a warning'
    },
  ],
]

function differs(template: any, description: any): boolean {
  try {
    compare(template, description)
    return false
  } catch {
    return true
  }
}
