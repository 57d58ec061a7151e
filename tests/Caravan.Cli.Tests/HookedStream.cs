namespace Caravan.Cli.Tests;

/// <summary>Memory that calls something whenever it is written to.</summary>
internal sealed class HookedStream : MemoryStream
{
    /// <summary>What is called before each write; it may throw.</summary>
    public Action? OnWrite { get; set; }

    /// <summary>How often it was written to.</summary>
    public int Writes { get; private set; }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Writes++;
        OnWrite?.Invoke();
        base.Write(buffer.ToArray(), 0, buffer.Length);
    }
}
