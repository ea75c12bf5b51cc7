import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { unpackDeploymentPackage } from '../../../local/api-gateway/deployment-package.ts'
import { zipFile, type ZipEntry } from './zip-file.ts'

async function unpack(entries: ZipEntry[]) {
  const parent = await mkdtemp(join(tmpdir(), 'lanekeeper-package-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const zip = join(parent, 'package.zip')
  await writeFile(zip, zipFile(entries))
  const directory = join(parent, 'unpacked')
  return { parent, directory, unpacking: unpackDeploymentPackage(zip, directory) }
}

test('files land where the package says', async () => {
  const { directory, unpacking } = await unpack([
    { name: 'dist/', data: '', unixMode: 0o040755 },
    { name: 'dist/lambda/index.mjs', data: 'export {}' },
    { name: 'a.txt', data: 'a' },
  ])
  await unpacking
  expect(await readFile(join(directory, 'dist/lambda/index.mjs'), 'utf8')).toBe('export {}')
  expect(await readFile(join(directory, 'a.txt'), 'utf8')).toBe('a')
})

test.each([
  '../escaped.txt',
  'a/../../escaped.txt',
  '/tmp/lanekeeper-escaped.txt',
  '..\\escaped.txt',
  'C:/escaped.txt',
])('an entry named %s is refused', async (name) => {
  const { parent, unpacking } = await unpack([{ name, data: 'x' }])
  await expect(unpacking).rejects.toThrow()
  expect(existsSync(join(parent, 'escaped.txt'))).toBe(false)
  expect(existsSync('/tmp/lanekeeper-escaped.txt')).toBe(false)
})

test('a symbolic link is refused', async () => {
  const { unpacking } = await unpack([{ name: 'link', data: '/etc', unixMode: 0o120777 }])
  await expect(unpacking).rejects.toThrow(/symbolic link/)
})

test('an entry that comes twice is refused', async () => {
  const { unpacking } = await unpack([
    { name: 'a', data: '1' },
    { name: 'a', data: '2' },
  ])
  await expect(unpacking).rejects.toThrow(/EEXIST/)
})
