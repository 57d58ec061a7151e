namespace Caravan.Cli;

/// <summary>A piece of work that Ctrl-C cancels; see <see cref="Interrupts.Begin"/>.</summary>
internal sealed class InterruptScope(Interrupts interrupts) : IDisposable
{
    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Token => Source.Token;

    internal CancellationTokenSource Source { get; } = new();

    public void Dispose()
    {
        interrupts.End();
        Source.Dispose();
    }
}
