import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Files } from '@countersign/engine/ports/files'

/**
 * Real files under `root`, which is made if it is not there (0700; files 0600). Paths that would leave the root are refused,
 * so a name that came from outside cannot reach other files. Symbolic links inside the root are its owner's affair.
 */
export function folderFiles(root: string): Files {
  const path = resolve(root)
  const created = mkdirSync(path, { recursive: true, mode: 0o700 })
  // Without this a crash could take the root away, with every file that was made durable inside it.
  if (created !== undefined) syncNames(path, created)
  return new FolderFiles(path)
}

/** Makes the names of the folders from `created` down to `path` durable. */
function syncNames(path: string, created: string): void {
  const parent = openSync(dirname(path), 'r')
  fsyncSync(parent)
  closeSync(parent)
  if (path !== created) syncNames(dirname(path), created)
}

class FolderFiles implements Files {
  private readonly root: string

  constructor(root: string) {
    this.root = root
  }

  async read(path: string): Promise<Uint8Array | null> {
    const inside = this.inside(path)
    return orIfAbsent(async () => new Uint8Array(await readFile(inside)), null)
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.with(path, 'w', (file) => file.writeFile(bytes))
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    const inside = this.inside(path)
    // A file opened with O_EXCL would be there before its contents; a link is there with them. Dying in between leaves a stray file.
    const stray = `${path}.${randomUUID()}`
    await this.write(stray, bytes)
    try {
      await link(this.inside(stray), inside)
      return true
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw cause
    } finally {
      await this.remove(stray)
    }
  }

  async append(path: string, bytes: Uint8Array): Promise<void> {
    await this.with(path, 'a', (file) => file.writeFile(bytes))
  }

  async truncate(path: string, length: number): Promise<void> {
    await truncate(this.inside(path), length)
  }

  async sync(path: string): Promise<void> {
    // fsync works on the file, not on the handle that wrote: another handle makes earlier writes durable as well.
    await this.with(path, 'r+', (file) => file.sync())
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(this.inside(from), this.inside(to))
  }

  async remove(path: string): Promise<void> {
    await rm(this.inside(path), { force: true })
  }

  async syncFolder(path: string): Promise<void> {
    await this.with(path, 'r', (folder) => folder.sync())
  }

  async makeFolder(path: string): Promise<void> {
    await mkdir(this.inside(path), { recursive: true, mode: 0o700 })
  }

  async list(path: string): Promise<readonly string[]> {
    const inside = this.inside(path)
    const found = await orIfAbsent(() => readdir(inside, { withFileTypes: true }), [])
    return found.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort()
  }

  private async with(path: string, flags: string, work: (file: Handle) => Promise<void>): Promise<void> {
    const file = await open(this.inside(path), flags, 0o600)
    try {
      await work(file)
    } finally {
      await file.close()
    }
  }

  private inside(path: string): string {
    if (path === '') return this.root
    const strange = path.includes('\0') || path.includes('\\')
    if (strange || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      throw new Error(`the path ${JSON.stringify(path)} is not a plain relative path`)
    }
    return join(this.root, path)
  }
}

type Handle = Awaited<ReturnType<typeof open>>

async function orIfAbsent<T>(work: () => Promise<T>, absent: T): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return absent
    throw cause
  }
}
