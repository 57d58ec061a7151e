using Caravan.Cli;

Terminal terminal = SystemTerminal.Open();
using SignalHandlers signals = new(terminal.Interrupts);
return new CaravanCli(terminal).Run(args);
