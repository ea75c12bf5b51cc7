// The files that a template names: only real files in its own folder are read.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTemplates } from '../../../cli/template/open.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-nested-')))
  mkdirSync(join(root, 'stack'))
})
afterEach(() => rmSync(root, { recursive: true }))

const NESTED = JSON.stringify({ Resources: { Table: { Type: 'AWS::DynamoDB::Table', Properties: {} } } })

function unreadWith(url: string): readonly string[] {
  const nested = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: url } }
  writeFileSync(join(root, 'stack/template.json'), JSON.stringify({ Resources: { Nested: nested } }))
  return openTemplates(['stack/template.json'], root, new Map()).unread
}

test('a nested stack beside the template is read', () => {
  writeFileSync(join(root, 'stack/nested.json'), NESTED)
  expect(unreadWith('nested.json')).toEqual([])
  symlinkSync('nested.json', join(root, 'stack/link.json'))
  expect(unreadWith('link.json')).toEqual([])
})

test('one outside of its folder is not, whatever link leads there', () => {
  writeFileSync(join(root, 'nested.json'), NESTED)
  symlinkSync('../nested.json', join(root, 'stack/link.json'))
  for (const url of ['link.json', '../nested.json', join(root, 'nested.json')])
    expect(unreadWith(url), url).toHaveLength(1)
})

test.skipIf(process.platform === 'win32')(
  'a pipe, a folder and a file that is too large are not waited for',
  () => {
    spawnSync('mkfifo', [join(root, 'stack/pipe.json')])
    mkdirSync(join(root, 'stack/folder.json'))
    writeFileSync(join(root, 'stack/large.json'), NESTED.padEnd(4_000_001))
    for (const url of ['pipe.json', 'folder.json', 'large.json']) expect(unreadWith(url), url).toHaveLength(1)
  },
)
