// Templates that are wrong or meant to do harm: the command ends with 1 or 2 and says why, and never with a stack.

import { describe, expect, test } from 'vitest'
import { checkFiles, CONFIG, readFixture } from './check-file.ts'

const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from(
    { length: 12 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(10).fill(`*a${index}`).join(', ')}]`,
  ),
  'Resources: {}',
].join('\n')

/** Every value of a template, replaced by one of another kind. */
function* spoiled(value: any, other: unknown, path: readonly (string | number)[] = []): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) {
    const copy = Array.isArray(value) ? [...value] : { ...value }
    ;(copy as any)[key] = other
    yield copy
    for (const inner of spoiled(member, other, [...path, key])) {
      const outer = Array.isArray(value) ? [...value] : { ...value }
      ;(outer as any)[key] = inner
      yield outer
    }
  }
}

describe('no template', () => {
  test.each<[string, unknown, RegExp]>([
    ['an anchor in an anchor in an anchor', bomb, /has more than 400000 values\.$/],
    ['an anchor in itself', 'Resources: &a { A: *a }', /nested more than 100 levels deep\.$/],
    ['a merge of itself', 'Resources: &a\n  <<: *a', /nested more than 100 levels deep\.$/],
    ['no such anchor', 'Resources: { A: *b }', /has the alias \*b without its anchor\.$/],
    ['brackets', `Resources: ${'['.repeat(50_000)}`, /is no YAML|nested too deep/],
    [
      'braces',
      `${'{"Resources":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
      /nested more than 100 levels deep\.$/,
    ],
    ['two of one key', 'Resources: {}\nResources: {}', /is no YAML: Map keys must be unique at line 2/],
    [
      'a tag of another language',
      'Resources: { A: !!python/object:os.system x, B: !Exec y }',
      /has the tag !Exec/,
    ],
    ['a size', `Resources: {}\n# ${'x'.repeat(4_000_000)}`, /is longer than 4000000 bytes\.$/],
    ['bytes', '\u0000\u0001', /is no YAML|has no Resources/],
  ])('%s', async (_, template, message) => {
    const { exitCode, text } = await checkFiles({ 'a.yaml': template })
    expect([exitCode, text]).toEqual([2, expect.stringMatching(message)])
    expect(text).not.toMatch(/\n\s+at /)
  })
})

describe('circles', () => {
  const base = JSON.parse(readFixture('cdk-http.json'))
  const withResources = (resources: object, more: object = {}) => ({
    ...base,
    ...more,
    Resources: { ...base.Resources, ...resources },
  })
  const named = (FunctionName: unknown) => ({
    ...base.Resources.AuthorizerBD825682,
    Properties: { ...base.Resources.AuthorizerBD825682.Properties, FunctionName },
  })
  test.each<[string, unknown]>([
    [
      'a function with its own name',
      withResources({ AuthorizerBD825682: named({ Ref: 'AuthorizerBD825682' }) }),
    ],
    ['Fn::Sub', withResources({ AuthorizerBD825682: named({ 'Fn::Sub': '${AuthorizerBD825682}x' }) })],
    [
      'conditions',
      withResources(
        { AuthorizerBD825682: named({ 'Fn::If': ['A', 'x', 'y'] }) },
        { Conditions: { A: { Condition: 'B' }, B: { Condition: 'A' } } },
      ),
    ],
  ])('%s', async (_, template) => {
    const { exitCode, findings } = await checkFiles({ 'a.json': template })
    expect([exitCode, findings.join('\n')]).toEqual([1, expect.stringMatching(/^problem/m)])
  })

  test('a nested stack in itself', async () => {
    const template = {
      Resources: { Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'a.json' } } },
    }
    const { exitCode, text } = await checkFiles({ 'a.json': template })
    expect([exitCode, text]).toEqual([2, expect.stringContaining('has more than 100 nested stacks')])
  })

  test('exports of each other', async () => {
    const stack = (name: string, needed: string) => ({
      Resources: {
        [name]: { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::ImportValue': needed } } },
      },
      Outputs: { O: { Value: { 'Fn::ImportValue': needed }, Export: { Name: name } } },
    })
    const files = { 'a.json': stack('A', 'B'), 'b.json': stack('B', 'A') }
    const { exitCode } = await checkFiles(files, CONFIG, ['--template', 'a.json', '--template', 'b.json'])
    expect(exitCode).toBe(1)
  })
})

test('no file outside of the folder of the template is read', async () => {
  const template = {
    Resources: {
      Outside: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: '../../../../etc/passwd' } },
      Absolute: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: '/etc/passwd' } },
    },
  }
  const { exitCode, text } = await checkFiles({ 'a.json': template })
  expect([exitCode, text]).toEqual([
    1,
    expect.stringContaining('the nested stack Outside, whose template is no file here'),
  ])
  expect(text).toContain('the nested stack Absolute')
  expect(text).not.toContain('root:')
})

test('control characters of a template are escaped', async () => {
  const template = JSON.parse(readFixture('cdk-http.json'))
  template.Resources.ApiGETorders65B0F255.Properties.RouteKey = 'GET /\u001b[2Jorders'
  const { text } = await checkFiles({ 'a.json': template })
  expect(text).toContain('\\u001b')
  expect(text).not.toContain('\u001b')
})

describe('a value of another kind anywhere', () => {
  // Of a long template only each n-th place, because its resources are alike.
  test.each([
    ['cdk-http.json', 3],
    ['cdk-rest.json', 13],
    ['sam-wrong.processed.json', 61],
  ])('%s', async (fixture, every) => {
    const template = JSON.parse(readFixture(fixture))
    const { resolveTemplates } = await import('../../../cli/template/open.ts')
    const { readApis } = await import('../../../cli/template/api-views.ts')
    const { checkTemplate } = await import('../../../cli/template/checks/check-template.ts')
    const { checkDeployment } = await import('../../../cli/deployment-check.ts')
    const { resolveConfig } = await import('../../../shared/index.ts')
    const { TemplateError } = await import('../../../local/api-gateway/template.ts')
    const { TemplateFileError } = await import('../../../cli/template/limits.ts')
    const config = resolveConfig(CONFIG)
    let count = 0
    for (const other of [null, 7, 'text', [], {}, { Ref: 'Nothing' }, [[{ 'Fn::Sub': 3 }]]])
      for (const resources of spoiled(template.Resources, other)) {
        count += 1
        if (count % every !== 0) continue
        const spoilt = { ...template, Resources: resources }
        const opened = {
          name: 'a',
          template: spoilt,
          openNested: () => null,
          openValues: () => undefined,
        }
        try {
          const resolved = resolveTemplates([opened], new Map()).template
          const { model } = readApis(resolved)
          checkDeployment(model, config, () => undefined)
          checkTemplate(resolved, model, config)
        } catch (error) {
          if (error instanceof TemplateError || error instanceof TemplateFileError) continue
          throw new Error(`${(error as Error).stack}\n${JSON.stringify(spoilt).slice(0, 20_000)}`, {
            cause: error,
          })
        }
      }
    expect(count).toBeGreaterThan(100 * every)
  })
})
