const paths = {
  sidebar: 'M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2zM8 3.5v13',
  plus: 'M10 4v12M4 10h12',
  compose: 'M9.5 4H6a2.5 2.5 0 0 0-2.5 2.5V14A2.5 2.5 0 0 0 6 16.5h7.5a2.5 2.5 0 0 0 2.5-2.5v-3.5M9 11l.4-2.2 6.2-6.2 1.8 1.8-6.2 6.2z',
  search: 'M9 4a5 5 0 1 0 0 10A5 5 0 0 0 9 4zM12.7 12.7 16.5 16.5',
  send: 'M10 16V4.5M5 9.2l5-5 5 5',
  stop: 'M6 6h8v8H6z',
  close: 'M5 5l10 10M15 5 5 15',
  sliders: 'M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M12.5 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7.5 12a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  gear: 'M10 7.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM10 2.8v2.2M10 15v2.2M2.8 10H5M15 10h2.2M4.9 4.9l1.6 1.6M13.5 13.5l1.6 1.6M15.1 4.9l-1.6 1.6M6.5 13.5l-1.6 1.6',
  chip: 'M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3',
  copy: 'M7.5 7.5h7a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-5a2 2 0 0 1-2-2zM4.5 12.5a1 1 0 0 1-1-1v-6a2 2 0 0 1 2-2h6a1 1 0 0 1 1 1',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  refresh: 'M16 5v4h-4M16 9A6.3 6.3 0 1 0 16 12.5',
  edit: 'M4 16l.8-3.6L13.2 4a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L7.6 15.2z',
  branch: 'M6 7v6M6 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6 13a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM14 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM14 8c0 3-4 2.5-7.5 5',
  bars: 'M4 16V9M8 16V4M12 16v-5M16 16V7',
  play: 'M6.5 4.5v11l9-5.5z',
  left: 'M12 5l-5 5 5 5',
  right: 'M8 5l5 5-5 5',
  down: 'M5 8l5 5 5-5',
  toBottom: 'M10 4v11M5.5 10.5l4.5 4.5 4.5-4.5',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.8 10h7.4l.8-10M8.5 9v4.5M11.5 9v4.5',
  download: 'M10 3.5v9M6 9l4 4 4-4M4 16.5h12',
  upload: 'M10 13V4M6 7.5l4-4 4 4M4 16.5h12',
  columns: 'M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2zM10 3.5v13',
  tool: 'M12.5 3.5a4 4 0 0 0-3.7 5.4L3.7 14a1.6 1.6 0 0 0 2.3 2.3l5.1-5.1a4 4 0 0 0 5.2-5l-2.3 2.3-2.2-.5-.5-2.2 2.3-2.2a4 4 0 0 0-1.1-.1z',
  spark: 'M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z',
  warning: 'M10 4l7 12H3zM10 8.5v3.5M10 14.2h.01',
  key: 'M12.5 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 10l-6 6M5.5 14.5l2 2',
  reset: 'M4 5v4h4M4 9a6.3 6.3 0 1 1 0 3.5',
} as const;

export type IconName = keyof typeof paths;

/** Icons are decoration: the control around one carries its name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" data-name={name} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark: a camel on its way. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="logo-ground" width="32" height="32" rx="8" />
      <path class="logo-camel" d="M5.6 16.8C5.6 14.6 6.7 13.6 8 13.3 8.6 11 9.7 9.2 11 9.2 12.3 9.2 13 11 13.7 12.2 14.4 11 15.2 9.2 16.5 9.2 17.8 9.2 18.6 11.4 19.2 13.2 20.3 14.2 21.3 13.3 21.7 11.5L22.4 8.3C22.7 7 23.4 6.4 24.5 6.4L26.9 6.9C28 7.2 28 8.7 27 8.9L24.9 9.3 24 13.6C23.5 16 22.5 17.4 21.1 18.2L20.9 25.5H19.4L19 20.6H18.3L17.9 25.5H16.4L16.1 19.5C14.5 19.9 13 19.9 11.9 19.5L11.7 25.5H10.2L9.9 20.7H9.2L8.8 25.5H7.3L7 19.9C6.1 19.1 5.6 18.1 5.6 16.8Z" />
    </svg>
  );
}
