import { render } from 'preact';
import './styles/index.css';
import { keyWanted } from './state/key';
import { modelsFailure, readModels } from './state/models';
import { watchRoute } from './state/routes';
import { keepSettings } from './state/settings';
import { openStore } from './state/store';
import { App } from './ui/App';

keepSettings();
watchRoute();
void readModels().then(() => {
  if (modelsFailure.value?.kind === 'unauthorized') keyWanted.value = { again: () => {} };
});
await openStore();
render(<App />, document.getElementById('app')!);
