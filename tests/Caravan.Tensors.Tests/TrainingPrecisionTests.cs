using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Training through frozen quantized weights in 8 bits.</summary>
public sealed class TrainingPrecisionTests : IDisposable
{
    private const int Rows = 24, Width = 256, Outputs = 512;

    private readonly Device device = new(threads: 2);
    private readonly Tensor x = Tensor.Allocate(new Shape(Rows, Width)), frozen = Tensor.Allocate(new Shape(Outputs, Width), DType.Q4_0), trained = Tensor.Allocate(new Shape(Outputs, Width));
    private readonly float[] gradients = Numbers.Normal(new Random(2), Rows * Outputs);

    public TrainingPrecisionTests()
    {
        Random random = new(1);
        Numbers.Normal(random, x.Shape.Elements).CopyTo(x.Floats.AsSpan());
        Numbers.Normal(random, trained.Shape.Elements, 0.05).CopyTo(trained.Floats.AsSpan());
        QuantFormats.Of(DType.Q4_0).Encode(trained.Floats, frozen.Bytes, Width);
        x.RequiresGradient = true;
    }

    /// <summary>
    /// The largest of 256 normal values is about 3, of weights 3.6: steps of 3/127 and 3.6/127 of their deviation, errors of a step/√12 each, together 0.0105.
    /// </summary>
    [Fact]
    public void Gradients_are_those_of_exact_products_but_for_a_hundredth()
    {
        float[] exact = Gradient(ActivationPrecision.Exact, frozen), rounded = Gradient(ActivationPrecision.Int8, frozen);
        double difference = Math.Sqrt(exact.Zip(rounded, (a, b) => (double)(a - b) * (a - b)).Sum()), length = Math.Sqrt(exact.Sum(a => (double)a * a));
        Assert.InRange(difference / length, 0, 0.013);
    }

    [Fact]
    public void Weights_that_are_not_quantized_stay_exact() => Assert.Equal(Gradient(ActivationPrecision.Exact, trained), Gradient(ActivationPrecision.Int8, trained));

    [Fact]
    public void What_is_computed_again_is_rounded_again() => Assert.Equal(
        Gradient(ActivationPrecision.Int8, frozen),
        Gradient(ActivationPrecision.Int8, frozen, (pass, rows) => Recomputation.Forward(pass, rows, new Product(frozen), new Shape(Rows, Outputs))));

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[x, frozen, trained]) tensor.Dispose();
        device.Dispose();
    }

    private float[] Gradient(ActivationPrecision precision, Tensor weight, Func<Pass, Tensor, Tensor>? product = null)
    {
        using Pass pass = new(device, new Tape()) { TrainingPrecision = precision };
        Tensor logits = product?.Invoke(pass, x) ?? Linear.Forward(pass, x, weight);
        gradients.CopyTo(pass.GradientOf(logits).AsSpan());
        pass.Tape!.Backward(pass);
        float[] gradient = x.Gradient!.Floats.AsSpan().ToArray();
        pass.Reset();
        return gradient;
    }

    private readonly record struct Product(Tensor Weight) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => Linear.Forward(pass, rows, Weight);
    }
}
