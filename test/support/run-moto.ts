// `npm run test:moto`: the tests of AWS Secrets Manager and of the stores in DynamoDB against moto_server, a Python
// program that emulates AWS.

import { spawnSync } from 'node:child_process'

if (process.argv.length > 2) {
  console.error('npm run test:moto takes no options. MOTO_SERVER is the path of moto_server.')
  process.exit(2)
}
const command = process.env['MOTO_SERVER'] ?? 'moto_server'
const { status } = spawnSync(command, ['--help'], { encoding: 'utf8' })
if (status !== 0) {
  console.error(`${command} is not there. To get it:

  python3 -m venv /tmp/moto && /tmp/moto/bin/pip install 'moto[server,secretsmanager,dynamodb]'
  MOTO_SERVER=/tmp/moto/bin/moto_server npm run test:moto`)
  process.exit(1)
}
const env = { ...process.env, MOTO_SERVER: command }
const args = [
  'run',
  'test/functions/aws/secrets-manager.test.ts',
  'test/functions/aws/revocation/dynamodb.test.ts',
  'test/functions/aws/replay/dynamodb.test.ts',
]
process.exit(spawnSync('vitest', args, { env, stdio: 'inherit' }).status ?? 1)
