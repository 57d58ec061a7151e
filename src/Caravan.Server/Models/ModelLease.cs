namespace Caravan.Server;

/// <summary>The use of a loaded model, which is not unloaded before the lease ends.</summary>
internal sealed class ModelLease(ModelHost host, ModelSlot slot, ServedModel model) : IDisposable
{
    private bool ended;

    /// <summary>The model.</summary>
    public ServedModel Model { get; } = model;

    /// <summary>How long the request waited for it to be loaded.</summary>
    public TimeSpan LoadTime { get; init; }

    public void Dispose()
    {
        if (ended) return;
        ended = true;
        host.Return(slot);
    }
}
