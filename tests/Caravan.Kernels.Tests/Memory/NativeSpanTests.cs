namespace Caravan.Kernels.Tests;

public sealed class NativeSpanTests : IDisposable
{
    private readonly NativeBuffer buffer = Native.Copy<int>([0, 1, 2, 3, 4, 5, 6]);

    private NativeSpan<int> Span => buffer.Bytes.Cast<int>();

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Elements_outside_are_errors(long index) => Assert.Throws<ArgumentOutOfRangeException>(() => Span[index]);

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 8)]
    [InlineData(7, 1)]
    [InlineData(8, 0)]
    [InlineData(3, 5)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, 0)]
    [InlineData(0, long.MinValue)]
    public void Slices_outside_are_errors(long start, long length) => Assert.Throws<ArgumentOutOfRangeException>(() => Span.Slice(start, length));

    [Fact]
    public void Slices_see_the_same_memory()
    {
        Assert.Equal([2, 3, 4], Span.Slice(2, 3).AsSpan().ToArray());
        Assert.Equal([5, 6], Span.Slice(5).AsSpan().ToArray());
        Assert.Equal([6], Span.AsSpan(6, 1).ToArray());
        Assert.Equal(0, Span.Slice(7).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => Span.Slice(8));
        Span.Slice(2, 3)[1] = 33;
        Assert.Equal(33, Span[3]);
    }

    [Fact]
    public void Casts_keep_the_bytes()
    {
        Assert.Equal(28, Span.Cast<byte>().Length);
        Assert.Equal(1, Span.Cast<byte>()[4]);
        Assert.Equal(14, Span.Cast<short>().Length);
        Assert.Throws<ArgumentException>(() => Span.Cast<long>());
        Assert.Equal(0, default(NativeSpan<byte>).Cast<long>().Length);
    }

    [Fact]
    public void Copies_need_the_same_length_and_may_overlap()
    {
        Span.Slice(0, 5).CopyTo(Span.Slice(2, 5));
        Assert.Equal([0, 1, 0, 1, 2, 3, 4], Span.AsSpan().ToArray());
        Assert.Throws<ArgumentException>(() => Span.CopyTo(Span.Slice(1)));
        Span.Slice(1, 2).Clear();
        Assert.Equal([0, 0, 0, 1, 2, 3, 4], Span.AsSpan().ToArray());
    }

    [Fact]
    public void A_managed_span_holds_no_more_than_it_can()
    {
        // Only the length is looked at: nothing this large is touched.
        NativeSpan<byte> large = LargeView();
        Assert.Equal(3L << 30, large.Length);
        Assert.Throws<OverflowException>(() => large.AsSpan().Length);
        Assert.Throws<OverflowException>(() => Longest().Cast<byte>().Length);
    }

    public void Dispose() => buffer.Dispose();

    private unsafe NativeSpan<byte> LargeView() => new(buffer.Bytes.Pointer, 3L << 30);

    private unsafe NativeSpan<int> Longest() => new((int*)buffer.Bytes.Pointer, long.MaxValue);
}
