namespace Caravan.Formats;

/// <summary>What every writer of model files can be told.</summary>
internal sealed record WriteOptions
{
    /// <summary>Called now and then with the bytes written so far and the bytes to write in all; null by default.</summary>
    public Action<long, long>? Progress { get; init; }

    /// <summary>Stops the writing; what was written is deleted and an <see cref="OperationCanceledException"/> thrown. None by default.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Opens the file to write, given its path and size; tests put failing disks here.</summary>
    internal Func<string, long, Stream> OpenStream { get; init; } = AtomicFile.OpenStream;
}
