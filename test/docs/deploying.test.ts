// docs/deploying.md: its options are those of `lanekeeper build`, its columns those of Analytics Engine, and each of its
// examples is a file that a test deploys (test/system/hand-made.test.ts, test/support/run-deploy.ts).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../cli/commands.ts'
import { ANALYTICS_BLOBS } from '../../functions/cloudflare/analytics.ts'
import { exampleFilesOf } from '../support/example-files.ts'
import { readTable } from '../support/markdown.ts'
import { configOf, described } from '../functions/aws/deployment/described.ts'
import { createCommandIo } from '../support/command-io.ts'

const PATH = join(import.meta.dirname, '../../docs/deploying.md')
const PAGE = readFileSync(PATH, 'utf8')

const DEPLOYED = [
  'lanekeeper.config.ts',
  'wrangler.toml',
  'wrangler.toml with stages',
  'serverless.yml',
  'app.mjs',
  'template.yaml',
  'authorizer.tf',
]

test('the options are those of lanekeeper build', async () => {
  const { io, kept } = createCommandIo()
  await runCommand(['build', '--help'], io)
  const offered = [...kept.printed.join('\n').matchAll(/^ {2}(--[a-z-]+(?: [A-Z]+)?) /gm)].map(
    ([, name = '']) => name,
  )
  expect(offered).toContain('--stage NAME')
  const listed = readTable(PATH, 'option', 'meaning')
    .filter(({ option = '' }) => option.startsWith('--'))
    .map(({ option }) => option)
  expect([...listed, '--help']).toEqual(offered)
})

test('the members of the description are those that a build writes', () => {
  const listed = readTable(PATH, 'member', 'what it says').flatMap(
    ({ member = '' }) => member.match(/\w+/g) ?? [],
  )
  expect(listed).toEqual(Object.keys(described(configOf()).description))
})

test('the constructs and their options are those of lanekeeper/cdk', () => {
  const source = (name: string) =>
    readFileSync(join(import.meta.dirname, `../../functions/aws/cdk/${name}.ts`), 'utf8')
  const exported = (source('index').match(/\bLanekeeper\w+/g) ?? []).filter((name) => !name.endsWith('Props'))
  const constructs = readTable(PATH, 'construct', 'what it is').map(({ construct }) => construct)
  expect(constructs.toSorted()).toEqual(exported.toSorted())
  const options = ['function', 'authorizer-function', 'rest-authorizer'].flatMap((name) => {
    const [, members = ''] = /^export interface \w+Props[^{]*\{\n([^]*?)^\}/m.exec(source(name))!
    return [...members.matchAll(/^ {2}readonly (\w+)/gm)].map(([, option]) => option)
  })
  const listed = readTable(PATH, 'option of a construct', 'meaning').map(
    (row) => row['option of a construct'],
  )
  expect(listed.toSorted()).toEqual(options.toSorted())
})

test('the columns of the query are those of the data points', () => {
  const columns = [...PAGE.matchAll(/blob(\d+) AS (\w+)/g)].map(([, number, name]) => [
    ANALYTICS_BLOBS[Number(number) - 1],
    name,
  ])
  expect(columns).toEqual([
    ['plan', 'plan'],
    ['version', 'version'],
  ])
})

test('each example is a file that a test deploys', () => {
  expect(Object.keys(exampleFilesOf('docs/deploying.md'))).toEqual(DEPLOYED)
  const examples = PAGE.match(/^```(?:ts|js|toml|ya?ml|hcl)$/gm)
  expect(examples).toHaveLength(DEPLOYED.length)
})
