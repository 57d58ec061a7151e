using System.Runtime.InteropServices;

namespace Caravan.Cli;

/// <summary>Connects the process's signals to <see cref="Interrupts"/>.</summary>
internal sealed class SignalHandlers(Interrupts interrupts) : IDisposable
{
    private readonly PosixSignalRegistration interrupt =
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = interrupts.Interrupt(ExitCode.Interrupted));

    private readonly PosixSignalRegistration terminate =
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = interrupts.Interrupt(ExitCode.Terminated));

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
    }
}
