import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { flagsOf } from '../../bench/lambda/build.ts'
import { ROOT } from '../../cli/build.ts'

test('the bench builds handlers with the flags of `npm run build:lambda`, except the output path', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const flags = flagsOf(scripts['build:lambda']!)
  expect(flags).toEqual(expect.arrayContaining(['--bundle', '--minify', '--platform=node', '--format=esm']))
  expect(flags.filter((flag) => flag.startsWith('--outdir') || flag.includes('recursive'))).toEqual([])
})

test('an npm script that the bench cannot parse ends the run', () => {
  expect(() => flagsOf('tsc -p tsconfig.json')).toThrow('must follow')
  expect(() => flagsOf('esbuild a.ts --bundle --outdir=x')).toThrow('must follow')
})
