// Functions whose handler would not be uploaded, by the template and the zips that osls writes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { archivesOf, findMissingFunctions } from '../../cli/package-check.ts'
import { NotCompared } from '../../cli/project-tool.ts'
import { zipFile } from '../local/api-gateway/zip-file.ts'

const lambda = (properties: object) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Runtime: 'nodejs24.x', Code: { S3Key: 'serverless/x/1-2026/all.zip' }, ...properties },
})

async function packaged(
  functions: Record<string, object>,
  zips: Record<string, readonly string[]>,
  data = 'export const handler = 1, api = {}',
) {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-packaged-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const template = join(directory, 'template.json')
  const Resources = Object.fromEntries(Object.entries(functions).map(([id, own]) => [id, lambda(own)]))
  await writeFile(
    template,
    JSON.stringify({ Resources: { ...Resources, Other: { Type: 'AWS::IAM::Role' } } }),
  )
  for (const [name, files] of Object.entries(zips))
    await writeFile(join(directory, name), zipFile(files.map((file) => ({ name: file, data }))))
  return template
}

test.each<[string, string, readonly string[]]>([
  ['bundled', 'dist/lambda/things.handler', ['dist/lambda/things.mjs']],
  ['CommonJS', 'src/things.handler', ['src/things.cjs']],
  ['at the top, exported below something', 'things.api.get', ['things.js']],
  ['a directory', 'src/things.handler', ['src/things/index.js']],
])('a function that is in its package: %s', async (_, Handler, files) => {
  const template = await packaged({ Things: { Handler } }, { 'all.zip': files })
  expect(await findMissingFunctions(template)).toEqual([])
  const without = await packaged({ Things: { Handler } }, { 'all.zip': ['dist/lambda/other.mjs'] })
  expect(await findMissingFunctions(without)).toEqual([
    {
      logicalId: 'Things',
      severity: 'problem',
      message: `has the handler ${Handler}, which is not in all.zip; export it from examples/orders/lambda/things.ts and say dist/orders/things.handler, or add its files to package.patterns`,
    },
  ])
})

test.each<[string, string, string, string]>([
  ['things.mjs', 'export{a as handler,a as handle2};const a=1', 'handle', 'it exports handle2, handler'],
  ['things.js', 'import "x"; export const handler = 1', 'handle', 'it exports handler'],
  ['things.mjs', 'const handler = 1', 'handler', 'export it'],
  ['things.mjs', 'export default { handler: 1 }', 'handler', 'it exports default'],
  ['things/index.js', 'export { get } from "./get.js"', 'got.it', 'it exports get'],
])('a handler that %s does not export: %s', async (file, data, name, remedy) => {
  const of = (own: object) =>
    packaged({ Things: { Handler: `things.${name}`, ...own } }, { 'all.zip': [file] }, data)
  const message = `has the handler things.${name}, and ${file} exports no ${name.split('.')[0]}; `
  expect(await findMissingFunctions(await of({}))).toEqual([
    { logicalId: 'Things', severity: 'problem', message: message + remedy },
  ])
  expect(await findMissingFunctions(await of({ Layers: ['arn'] }))).toEqual([
    { logicalId: 'Things', severity: 'warning', message: `${message}layers are not looked at` },
  ])
})

test.each<[string, string, string]>([
  ['it exports it', 'things.mjs', 'export{a as handle};const a=1'],
  ['CommonJS, by name', 'things.cjs', 'export const a = 1'],
  ['CommonJS', 'things.js', 'exports.handler = 1'],
  ['its exports are unknown', 'things.js', 'globalThis.x = 1'],
  ['it passes on what another one exports', 'things.mjs', 'export * from "./other.mjs"; export const a = 1'],
  ['it cannot be read', 'things.mjs', 'export const = <'],
])('a module is left alone where %s', async (_, file, data) => {
  const template = await packaged({ Things: { Handler: 'things.handle' } }, { 'all.zip': [file] }, data)
  expect(await findMissingFunctions(template)).toEqual([])
})

test('each handler is looked up in its own package', async () => {
  const own = { Handler: 'a.handler', Code: { S3Key: 'x/own.zip' } }
  const zips = { 'all.zip': ['a.js'], 'own.zip': ['b.js'] }
  const template = await packaged({ Shared: { Handler: 'a.handler' }, Own: own }, zips)
  expect((await findMissingFunctions(template)).map(({ logicalId }) => logicalId)).toEqual(['Own'])
  expect((await archivesOf(template)).map((file) => file.split('/').at(-1))).toEqual(['all.zip', 'own.zip'])
})

test.each([[['arn:aws:lambda:us-east-1:1:layer:any:1']], [{ Ref: 'Layers' }]])(
  'a handler that may be in a layer is a warning: %j',
  async (Layers) => {
    const found = async (own: object) =>
      findMissingFunctions(
        await packaged({ Things: { Handler: 'wrapper.handler', ...own } }, { 'all.zip': ['b.js'] }),
      )
    expect(await found({ Layers })).toEqual([
      {
        logicalId: 'Things',
        severity: 'warning',
        message: 'has the handler wrapper.handler, which is not in all.zip; layers are not looked at',
      },
    ])
    expect(await found({ Layers: [] })).toMatchObject([{ severity: 'problem' }])
    expect(await found({})).toMatchObject([{ severity: 'problem' }])
    expect(await found({ Layers, Handler: 'b.handler' })).toEqual([])
  },
)

test('images, other runtimes, layers and packages from elsewhere are not checked', async () => {
  const template = await packaged(
    {
      Image: { Code: { ImageUri: 'x' } },
      Python: { Handler: 'a.handler', Runtime: 'python3.13' },
      InLayer: { Handler: '/opt/nodejs/node_modules/wrapper/a.handler', Layers: ['arn'] },
      Elsewhere: { Handler: 'a.handler', Code: { S3Key: 'x/elsewhere.zip' } },
    },
    { 'all.zip': ['b.js'] },
  )
  expect(await findMissingFunctions(template)).toEqual([])
  const beside = await packaged({ Near: { Handler: 'opt/a.handler' } }, { 'all.zip': ['b.js'] })
  expect(await findMissingFunctions(beside)).toHaveLength(1)
})

test('in a project of another person nothing was built, so a missing function is a warning', async () => {
  const template = await packaged(
    { Things: { Handler: 'src/things.handler' } },
    { 'all.zip': ['src/other.mjs'] },
  )
  expect(await findMissingFunctions(template, { root: import.meta.dirname, isBuilt: false })).toEqual([
    {
      logicalId: 'Things',
      severity: 'warning',
      message:
        'has the handler src/things.handler, which is not in all.zip; build it before you deploy, or add its files to package.patterns',
    },
  ])
})

test('without yauzl no zip is searched, and the error says so', async () => {
  const template = await packaged(
    { Things: { Handler: 'src/things.handler' } },
    { 'all.zip': ['src/other.mjs'] },
  )
  const root = dirname(template)
  await expect(findMissingFunctions(template, { root, isBuilt: false })).rejects.toThrow(
    new NotCompared('neither osls nor this project has a yauzl with openPromise'),
  )
})
