using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>What is thrown away and computed again, or walked back at once, gives the gradients of what is kept.</summary>
public sealed class RecomputationTests : IDisposable
{
    private const int Rows = 7, Width = 5, Outputs = 6;

    private static readonly int[] Labels = [0, 5, CrossEntropy.Ignored, 2, 2, 1, 4];

    private readonly Device device = new(threads: 2);
    private readonly Tensor x = Trained(1, Rows, Width), weight = Trained(2, Outputs, Width), other = Trained(3, Rows, Width);

    [Theory]
    [InlineData(100)]
    [InlineData(7)]
    [InlineData(3)]
    [InlineData(1)]
    public void Computed_again(int chunkRows)
    {
        float[][] expected = Gradients(pass =>
        {
            Tensor rows = Add.Forward(pass, x, other);
            return CrossEntropy.Forward(pass, Softmax.Forward(pass, Linear.Forward(pass, rows, weight)), Labels);
        });
        float[][] actual = Gradients(pass =>
        {
            Tensor rows = Add.Forward(pass, x, other);
            return CrossEntropy.Forward(pass, Recomputation.Forward(pass, rows, new Probabilities(weight), new Shape(Rows, Outputs), chunkRows), Labels);
        });
        AssertSame(expected, actual, chunkRows);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3)]
    public void Walked_back_at_once(int chunkRows)
    {
        float[][] expected = Gradients(pass => CrossEntropy.Forward(pass, Linear.Forward(pass, Add.Forward(pass, x, other), weight), Labels));
        float[][] actual = Gradients(pass => Recomputation.Sum(pass, Add.Forward(pass, x, other), new ChunkLoss(weight), chunkRows));
        AssertSame(expected, actual, chunkRows);
    }

    [Fact]
    public void What_was_walked_back_takes_no_other_gradient()
    {
        using Pass pass = new(device, new Tape());
        Tensor loss = Scale.Forward(pass, Recomputation.Sum(pass, x, new ChunkLoss(weight), 3), 0.5f);
        Assert.Contains("give the sum its factor", Assert.Throws<InvalidOperationException>(() => pass.Tape!.Backward(pass, loss)).Message);
    }

    [Fact]
    public void A_part_that_hands_back_its_rows()
    {
        float[][] expected = Gradients(pass => CrossEntropy.Forward(pass, Add.Forward(pass, x, x), [.. Labels.Select(label => Math.Min(label, Width - 1))]));
        float[][] actual = Gradients(pass => CrossEntropy.Forward(
            pass, Add.Forward(pass, x, Recomputation.Forward(pass, x, default(Same), x.Shape)), [.. Labels.Select(label => Math.Min(label, Width - 1))]));
        AssertSame(expected, actual, Rows);
    }

    [Fact]
    public void Without_a_tape_nothing_is_recorded()
    {
        using Pass pass = new(device);
        Tensor probabilities = Recomputation.Forward(pass, x, new Probabilities(weight), new Shape(Rows, Outputs), 2);
        Assert.Equal(Softmax.Forward(pass, Linear.Forward(pass, x, weight)).Floats.AsSpan(), probabilities.Floats.AsSpan());
        Assert.False(probabilities.RequiresGradient);
        Tensor whole = CrossEntropy.Forward(pass, Linear.Forward(pass, x, weight), Labels);
        Assert.Equal(whole.Floats[0], Recomputation.Sum(pass, x, new ChunkLoss(weight), 2).Floats[0], 1e-6f);
    }

    [Fact]
    public void Logits_that_nothing_else_reads_become_their_gradient()
    {
        float[][] expected = Gradients(pass => CrossEntropy.Forward(pass, Linear.Forward(pass, x, weight), Labels));
        Tensor? logits = null;
        float[][] actual = Gradients(pass => CrossEntropy.Forward(pass, logits = Linear.Forward(pass, x, weight), Labels, consumed: true));
        AssertSame(expected, actual, Rows);
        Assert.Null(logits!.Gradient);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[x, weight, other])
        {
            tensor.Gradient?.Dispose();
            tensor.Dispose();
        }

        device.Dispose();
    }

    /// <summary>The gradients of x, the weight and the other rows; the weight's is kept by the caller, the others are borrowed.</summary>
    private float[][] Gradients(Func<Pass, Tensor> loss)
    {
        using Pass pass = new(device, new Tape());
        weight.Gradient?.Dispose();
        weight.Gradient = Tensor.Allocate(weight.Shape);
        pass.Tape!.Backward(pass, loss(pass));
        float[][] gradients = [.. new[] { x, weight, other }.Select(tensor => tensor.Gradient?.Floats.AsSpan().ToArray() ?? [])];
        pass.Reset();
        Assert.Null(x.Gradient);
        return gradients;
    }

    /// <summary>Bit for bit, but for the order in which chunks of rows are summed into the weight's gradient: a rounding for each row.</summary>
    private static void AssertSame(float[][] expected, float[][] actual, int chunkRows)
    {
        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(expected[2], actual[2]);
        float largest = expected[1].Max(MathF.Abs);
        Assert.All(expected[1].Zip(actual[1]), pair => Assert.Equal(pair.First, pair.Second, chunkRows >= Rows ? 0 : Rows * largest / (1 << 23)));
    }

    private static Tensor Trained(int seed, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Allocate(new Shape(shape));
        Numbers.Normal(new Random(seed), tensor.Shape.Elements).CopyTo(tensor.Floats.AsSpan());
        tensor.RequiresGradient = true;
        return tensor;
    }

    private readonly record struct Probabilities(Tensor Weight) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => Softmax.Forward(pass, Linear.Forward(pass, rows, Weight));
    }

    private readonly record struct ChunkLoss(Tensor Weight) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => CrossEntropy.Forward(
            pass, Linear.Forward(pass, rows, Weight), Labels.AsSpan((int)first, (int)rows.Shape.Rows), CrossEntropy.Counted(Labels), consumed: true);
    }

    private readonly record struct Same : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => rows;
    }
}
