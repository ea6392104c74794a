import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { loadWords } from './say.ts';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/frame.css';
import './style/tables.css';
import './style/phone.css';
import './style/pages.css';
import './style/inbox.css';

await loadWords();
const place = document.getElementById('dashboard');
if (place !== null) createRoot(place).render(<App />);
