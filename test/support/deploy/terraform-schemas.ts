// Compares a Terraform file with the schemas of the providers, which cdktf publishes as TypeScript declarations: that
// every argument exists, that none is missing, and that every attribute that another resource refers to exists. The file
// comes as the JSON that python-hcl2 makes of it.

import { spawnSync } from 'node:child_process'

export interface TerraformFile {
  readonly data?: readonly Blocks[]
  readonly resource?: readonly Blocks[]
}

/** Type -> name -> arguments. */
type Blocks = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>

interface Block {
  /** As a reference begins: `data.archive_file.authorizer`. */
  readonly address: string
  /** Where cdktf has its declaration. */
  readonly declared: string
  readonly given: readonly string[]
}

/** Arguments that Terraform itself reads, of every resource. */
const META = ['depends_on', 'lifecycle']

const unquote = (text: string): string => text.replace(/^"|"$/g, '')

/** Terraform writes `api_id`, cdktf `apiId`. */
const plain = (name: string): string => name.replaceAll('_', '').toLowerCase()

function blocksOf({ data = [], resource = [] }: TerraformFile): readonly Block[] {
  const read = (blocks: readonly Blocks[], prefix: string, folder: (type: string) => string) =>
    blocks.flatMap((block) =>
      Object.entries(block).flatMap(([type, named]) =>
        Object.entries(named).map(([name, members]) => ({
          address: `${prefix}${unquote(type)}.${unquote(name)}`,
          declared: folder(unquote(type)),
          given: Object.keys(members).filter((member) => !member.startsWith('__') && !META.includes(member)),
        })),
      ),
    )
  const dashed = (type: string) => type.replaceAll('_', '-')
  return [
    ...read(data, 'data.', (type) => `data-${dashed(type)}`),
    ...read(resource, '', (type) => dashed(type.replace(/^aws_/, ''))),
  ]
}

const declarations = new Map<string, string>()

/** The declaration of a resource, from the packed packages of cdktf. */
function declarationOf(name: string, archives: readonly string[]): string {
  const known = declarations.get(name)
  if (known !== undefined) return known
  for (const archive of archives) {
    const args = ['xzOf', archive, `package/lib/${name}/index.d.ts`]
    const { status, stdout } = spawnSync('tar', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    if (status !== 0) continue
    declarations.set(name, stdout)
    return stdout
  }
  throw new Error(`no provider has ${name}`)
}

/** What is wrong, and how many arguments were compared. */
export function compareWithProviders(file: TerraformFile, archives: readonly string[]) {
  const blocks = blocksOf(file)
  const text = JSON.stringify(file)
  const problems: string[] = []
  let compared = 0
  for (const { address, declared, given } of blocks) {
    const declaration = declarationOf(declared, archives)
    const [, settings = ''] = /^export interface \w+Config extends [^{]*\{([^]*?)^\}/m.exec(declaration) ?? []
    const known = [...settings.matchAll(/^ {4}readonly (\w+)(\??):/gm)].map(([, name = '', mark]) => ({
      name: plain(name),
      isRequired: mark === '',
    }))
    const attributes = [...declaration.matchAll(/^ {4}get (\w+)\(\)/gm)].map(([, name = '']) => plain(name))
    const used = text.matchAll(new RegExp(`[{ ]${address.replaceAll('.', '\\.')}\\.(\\w+)`, 'g'))
    compared += given.length
    problems.push(
      ...given
        .filter((name) => !known.some((one) => one.name === plain(name)))
        .map((name) => `${address} has no ${name}`),
      ...known
        .filter(({ name, isRequired }) => isRequired && !given.some((one) => plain(one) === name))
        .map(({ name }) => `${address} needs ${name}`),
      ...[...used]
        .filter(([, attribute = '']) => !attributes.includes(plain(attribute)))
        .map(([, attribute]) => `${address} has no attribute ${attribute}`),
    )
  }
  return { problems, compared }
}
