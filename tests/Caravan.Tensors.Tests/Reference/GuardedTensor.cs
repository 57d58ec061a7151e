using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>
/// A tensor between two margins of NaN, off the alignment that the workspace gives: a kernel that reads past its ends computes NaN, and one
/// that writes past them is found by <see cref="AssertMarginsUntouched"/>.
/// </summary>
internal sealed class GuardedTensor : IDisposable
{
    /// <summary>Larger than a register, and not a multiple of one.</summary>
    private const int Margin = 68;

    private readonly NativeBuffer buffer;
    private readonly byte[] before;

    public GuardedTensor(Shape shape, DType type, ReadOnlySpan<byte> content)
    {
        buffer = new NativeBuffer(content.Length + (2 * Margin));
        Span<byte> all = buffer.Bytes.AsSpan();
        all.Fill(0xFF);
        content.CopyTo(all[Margin..]);
        before = all.ToArray();
        Tensor = Tensor.View(shape, type, buffer.Bytes.Slice(Margin, content.Length));
    }

    public Tensor Tensor { get; }

    public void AssertMarginsUntouched()
    {
        Span<byte> all = buffer.Bytes.AsSpan();
        Assert.True(all[..Margin].SequenceEqual(before.AsSpan(0, Margin)), "Written before the beginning.");
        Assert.True(all[^Margin..].SequenceEqual(before.AsSpan(before.Length - Margin)), "Written past the end.");
    }

    public void AssertUntouched() => Assert.True(buffer.Bytes.AsSpan().SequenceEqual(before), "An input was written to.");

    public void Dispose() => buffer.Dispose();
}
