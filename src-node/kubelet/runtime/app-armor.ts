import type Docker from 'dockerode'

/** Whether the engine puts containers under AppArmor profiles, as it says itself. */
export async function hasAppArmor(docker: Pick<Docker, 'info'>): Promise<boolean> {
  const { SecurityOptions } = (await docker.info()) as { SecurityOptions?: string[] | null }
  return SecurityOptions?.some((option) => option.split(',').includes('name=apparmor')) ?? false
}
