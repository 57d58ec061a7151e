namespace Caravan.Kernels.Tests;

public sealed class NativeBufferTests
{
    [Fact]
    public unsafe void Buffers_are_aligned_and_zero()
    {
        foreach (long bytes in new long[] { 0, 1, 63, 64, 65, 4_097, 1_000_000 })
        {
            using NativeBuffer buffer = new(bytes);
            Assert.Equal(0, (long)buffer.Bytes.Pointer % NativeBuffer.Alignment);
            Assert.Equal((bytes, bytes), (buffer.Length, buffer.Bytes.Length));
            Assert.False(buffer.Bytes.AsSpan().ContainsAnyExcept((byte)0));
            using NativeBuffer dirty = new(bytes, clear: false);
            Assert.Equal(0, (long)dirty.Bytes.Pointer % NativeBuffer.Alignment);
        }
    }

    [Fact]
    public void Freed_buffers_cannot_be_read()
    {
        NativeBuffer buffer = new(10);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Bytes);
    }

    [Theory]
    [InlineData(1L << 60, "Not enough memory: 1,152,921,504,606,846,976 bytes were needed; use a smaller model, context or batch.")]
    [InlineData(long.MaxValue, "Not enough memory: 9,223,372,036,854,775,807 bytes were needed; use a smaller model, context or batch.")]
    public void What_does_not_fit_is_said(long bytes, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<CaravanException>(() => new NativeBuffer(bytes)).Message);

    [Fact]
    public void Negative_sizes_are_errors() => Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBuffer(-1));
}
