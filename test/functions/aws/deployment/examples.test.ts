// The examples of deployment tools say what the description of their configuration says. `npm run test:deploy` has the
// tools read them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import cdk from '../../../../examples/cdk/lanekeeper.config.ts'
import sam from '../../../../examples/sam/lanekeeper.config.ts'
import terraform from '../../../../examples/terraform/lanekeeper.config.ts'
import { ACCESS_LOG_FORMAT } from '../../../../functions/aws/cdk/access-log.ts'
import { gatewayResponsesFor } from '../../../../functions/aws/cdk/gateway-responses.ts'
import { described } from './described.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../../examples', name), 'utf8')

const all = (text: string, form: RegExp): readonly string[] =>
  [...text.matchAll(form)].map(([, one = '']) => one)

/** A value as the formatter writes it. */
function inYaml(value: string): string {
  if (!value.startsWith("'")) return value
  return value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`
}

test('SAM: identity sources, lifetimes, answers and gateway responses', () => {
  const template = read('sam/template.yaml')
  const { challenge, authorizers } = described(sam).description
  const { rest, http } = authorizers['']!
  const contexts = all(template, /Context: \[(.*)\]/g).map((names) => names.split(', '))
  expect(all(template, /Headers: \[(.*)\]/g)).toEqual(['Authorization', 'Authorization'])
  const sourcesOf = (prefix: string, mark: string, names: readonly string[]) => [
    `${prefix}.header.Authorization`,
    ...names.map((name) => `${mark}context.${name}`),
  ]
  expect([sourcesOf('method.request', '', contexts[0]!), sourcesOf('$request', '$', contexts[1]!)]).toEqual([
    rest!.identitySources,
    http!.identitySources,
  ])
  const lifetimes = [rest!.resultTtlSeconds, http!.resultTtlSeconds].map(String)
  expect(all(template, /ReauthorizeEvery: (\d+)/g)).toEqual(lifetimes)
  expect(all(template, /EnableSimpleResponses: (\w+)/g)).toEqual([String(http!.enableSimpleResponses)])
  expect(rest!.type).toBe('REQUEST')
  for (const { type, statusCode, headers } of gatewayResponsesFor(challenge, undefined)) {
    const [, text = ''] = new RegExp(`^ {8}${type}: (?:&\\w+)?\\n((?: {10}.*\\n)+)`, 'm').exec(
      template.replaceAll(/^( {8}\w+):$/gm, '$1: '),
    ) ?? [undefined, '']
    if (type === 'AUTHORIZER_CONFIGURATION_ERROR') continue
    expect([type, /StatusCode: (\d+)/.exec(text)?.[1]]).toEqual([type, statusCode])
    for (const [name, value] of Object.entries(headers)) expect(text).toContain(`${name}: ${inYaml(value)}\n`)
  }
  expect(template).toMatch(/AUTHORIZER_FAILURE: &(\w+)\n[^]*AUTHORIZER_CONFIGURATION_ERROR: \*\1\n/)
})

test('SAM and Terraform: access logs of the members that the constructs have', () => {
  const formats = [
    ...all(read('sam/template.yaml'), /Format: '(.*)'/g),
    `{${all(read('terraform/main.tf'), /jsonencode\(\{\n([^}]*)\}/g)[0]!
      .trim()
      .replace(/^ *(\w+) += (".*")$/gm, '"$1": $2')
      .replaceAll('\n', ',')}}`,
  ].map((text) => JSON.parse(text))
  expect(formats.map(({ api }) => api)).toEqual(['rest', 'http', 'http'])
  for (const format of formats)
    expect(JSON.parse(ACCESS_LOG_FORMAT[format.api as 'rest' | 'http'])).toMatchObject(format)
})

test('Terraform: what it takes from the description is there', () => {
  const text = read('terraform/main.tf')
  const { description } = described(terraform)
  expect(all(text, /local\.description\.(\w+)/g)).toEqual(['authorizers', 'plan', 'version'])
  const taken = all(text, /local\.authorizer\.(\w+)/g)
  const { disableExecuteApiEndpoint: isOff, ...settings } = description.authorizers['']!.http!
  expect([taken.toSorted(), isOff]).toEqual([Object.keys(settings).toSorted(), false])
  expect(text).toContain(`local.description.version == ${description.version}`)
})

test('CDK: each authorizer that the app names is in the configuration and can serve its API', () => {
  const { authorizers, cannotServe } = described(cdk).description
  const named = all(read('cdk/app.ts'), /authorizer: '(\w+)'/g)
  expect(named).toEqual(['orders', 'orders', 'connect'])
  expect(named.filter((name) => !Object.hasOwn(authorizers, name))).toEqual([])
  expect(cannotServe).toEqual([])
})
