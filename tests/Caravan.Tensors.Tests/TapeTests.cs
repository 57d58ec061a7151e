using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

public sealed class TapeTests : IDisposable
{
    private readonly Device device = new(threads: 1);

    [Fact]
    public void A_tensor_used_twice_gets_both_gradients()
    {
        using Pass pass = new(device, new Tape());
        using Tensor x = Trained([1, 2, 3, 4], 2, 2);
        Tensor once = Add.Forward(pass, x, x);
        Seed(pass, Add.Forward(pass, once, x), [1, 10, 100, 1000]);

        pass.Tape!.Backward(pass);

        Assert.Equal([3, 30, 300, 3000], x.Gradient!.Floats.AsSpan().ToArray());
    }

    [Fact]
    public void Gradients_in_the_place_of_what_is_read_last_are_the_same()
    {
        float[][] expected = Gradients(consumed: false), actual = Gradients(consumed: true);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i]);

        float[][] Gradients(bool consumed)
        {
            using Pass pass = new(device, new Tape());
            Tensor[] trained = [Trained(Numbers.Normal(new Random(1), 12), 3, 4), Trained(Numbers.Normal(new Random(2), 80), 20, 4), Trained(Numbers.Normal(new Random(3), 80), 20, 4)];
            (Tensor gate, Tensor up) = Linear.Forward(pass, trained[0], new LinearWeights(trained[1], null), new LinearWeights(trained[2], null));
            Seed(pass, GatedActivation.Forward(pass, Caravan.Kernels.ActivationFunction.Silu, gate, up, consumed), Numbers.Normal(new Random(4), 60));
            pass.Tape!.Backward(pass);
            Assert.Equal(consumed, gate.Gradient == gate);
            float[][] gradients = [.. trained.Select(tensor => tensor.Gradient!.Floats.AsSpan().ToArray())];
            foreach (Tensor tensor in trained) tensor.Dispose();
            return gradients;
        }
    }

    [Fact]
    public void Backward_starts_from_a_scalar_loss()
    {
        using Pass pass = new(device, new Tape());
        using Tensor logits = Trained([0, 0], 1, 2);
        Tensor loss = CrossEntropy.Forward(pass, logits, [1]);
        Assert.Equal(0, loss.Shape.Rank);
        Assert.Equal(1, loss.Shape.Elements);
        Assert.Equal(MathF.Log(2), loss.Floats[0]);

        pass.Tape!.Backward(pass, loss);

        Assert.Equal([0.5f, -0.5f], logits.Gradient!.Floats.AsSpan().ToArray());
    }

    [Fact]
    public void A_loss_of_several_numbers_is_an_error()
    {
        using Pass pass = new(device, new Tape());
        using Tensor x = Trained([1, 2], 1, 2);
        Tensor y = Add.Forward(pass, x, x);
        Assert.Equal("The loss must be one number, not [1, 2].", Assert.Throws<ArgumentException>(() => pass.Tape!.Backward(pass, y)).Message);
    }

    [Fact]
    public void A_loss_that_depends_on_nothing_trained_is_an_error()
    {
        using Pass pass = new(device, new Tape());
        using Tensor frozen = Tensor.Allocate(new Shape(1, 2));
        Tensor loss = CrossEntropy.Forward(pass, frozen, [0]);
        Assert.Equal(0, pass.Tape!.Count);
        Assert.Throws<ArgumentException>(() => pass.Tape.Backward(pass, loss));
    }

    [Fact]
    public void A_tape_is_walked_back_once()
    {
        using Pass pass = new(device, new Tape());
        using Tensor logits = Trained([0, 0], 1, 2);
        Tensor loss = CrossEntropy.Forward(pass, logits, [1]);
        pass.Tape!.Backward(pass, loss);
        Assert.Throws<InvalidOperationException>(() => pass.Tape.Backward(pass, loss));

        pass.Reset();
        loss = CrossEntropy.Forward(pass, logits, [1]);
        pass.Tape.Backward(pass, loss);
        Assert.Equal([0.5f, -0.5f], logits.Gradient!.Floats.AsSpan().ToArray());
    }

    [Fact]
    public void Without_a_tape_nothing_is_recorded()
    {
        using Pass pass = new(device);
        using Tensor x = Trained([1, 2], 1, 2);
        Assert.False(Add.Forward(pass, x, x).RequiresGradient);
        Assert.Null(pass.Tape);
    }

    [Fact]
    public void Gradients_the_caller_gave_persist_and_borrowed_ones_vanish()
    {
        using Pass pass = new(device, new Tape());
        using Tensor kept = Trained([1, 2], 1, 2), borrowed = Trained([3, 4], 1, 2), memory = Tensor.Allocate(new Shape(1, 2));
        kept.Gradient = memory;
        for (int step = 1; step <= 3; step++)
        {
            Seed(pass, Add.Forward(pass, kept, borrowed), [1, 5]);
            pass.Tape!.Backward(pass);
            Assert.Equal([1, 5], borrowed.Gradient!.Floats.AsSpan().ToArray());
            pass.Reset();

            Assert.Same(memory, kept.Gradient);
            Assert.Equal([step, step * 5], memory.Floats.AsSpan().ToArray());
            Assert.Null(borrowed.Gradient);
            Assert.Equal(0, pass.Tape.Count);
        }
    }

    public void Dispose() => device.Dispose();

    private static Tensor Trained(float[] values, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Allocate(new Shape(shape));
        values.CopyTo(tensor.Floats.AsSpan());
        tensor.RequiresGradient = true;
        return tensor;
    }

    private static void Seed(Pass pass, Tensor y, float[] gradient) => gradient.CopyTo(pass.GradientOf(y).AsSpan());
}
