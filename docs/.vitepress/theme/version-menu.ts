import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref } from 'vue';

/** What `scripts/site.mjs` writes beside the folders of the versions. */
interface Published {
  versions: string[];
}

/** Goes to the same page of another version, or to its first one. */
async function visit(from: string, to: string): Promise<void> {
  const first = new URL(`../${to}/`, new URL(from, location.href));
  const same = new URL(location.pathname.slice(from.length), first);
  const exists = await fetch(same, { method: 'HEAD' }).then(
    ({ ok }) => ok,
    () => false,
  );
  location.assign(exists ? same : first);
}

/** Lists the versions that are published now: older pages know nothing of newer ones. */
export const VersionMenu = defineComponent({
  setup() {
    const { site } = useData();
    const { base } = site.value;
    const current = base.split('/').at(-2) || 'development';
    const versions = ref([current]);
    onMounted(async () => {
      // Where no other version is published, the menu shows only this one.
      const response = await fetch(`${base}../versions.json`).catch(() => undefined);
      if (!response?.ok) return;
      const published = (await response.json()) as Published;
      versions.value = [...new Set([...published.versions, current])];
    });
    return () =>
      h(
        'select',
        {
          class: 'version-menu',
          'aria-label': 'Version',
          value: current,
          onChange: ({ target }: Event) => void visit(base, (target as HTMLSelectElement).value),
        },
        versions.value.map((version) => h('option', { key: version, value: version }, version)),
      );
  },
});
