/** @file Chromium's directory picker, which TypeScript's DOM does not know. */
interface Window {
  showDirectoryPicker(options: { mode: 'read' | 'readwrite' }): Promise<FileSystemDirectoryHandle>
}
