using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>When the gradients of weights are taken on the way back.</summary>
public sealed class LeafGradientTests : IDisposable
{
    private readonly Device device = new(1);

    public void Dispose() => device.Dispose();

    [Fact]
    public void Each_is_complete_after_the_first_step_that_used_it()
    {
        using Tensor first = Leaf("first", 2), shared = Leaf("shared", 3), last = Leaf("last", 5);
        Taker taker = new();
        using Pass pass = new(device, new Tape()) { LeafGradients = taker };
        for (int time = 0; time < 2; time++)
        {
            taker.Taken.Clear();
            // y = first · shared · shared · last
            Tensor y = Multiply.Forward(pass, Multiply.Forward(pass, Multiply.Forward(pass, first, shared), shared), last);
            pass.Tape!.Backward(pass, y);
            pass.Reset();
            // The first product is the last on the way back: both of its inputs are complete after it.
            Assert.Equal([("last", 18f), ("shared", 60f), ("first", 45f)], taker.Taken);
            Assert.Null(shared.Gradient);
        }
    }

    [Fact]
    public void An_operator_that_hides_an_input_is_found_out()
    {
        using Tensor named = Leaf("named", 2), hidden = Leaf("hidden", 3);
        using Pass pass = new(device, new Tape()) { LeafGradients = new Taker() };
        Tensor y = pass.Result(new Shape(), named);
        pass.Tape!.Record<HidingStep>().Hidden = hidden;
        Assert.Contains("hidden", Assert.Throws<InvalidOperationException>(() => pass.Tape.Backward(pass, y)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_that_its_owner_has_set_survives_the_reset_of_a_pass_that_lent_one()
    {
        using Tensor leaf = Leaf("leaf", 2), kept = Tensor.Allocate(new Shape());
        using Pass pass = new(device, new Tape());
        pass.Tape!.Backward(pass, Multiply.Forward(pass, leaf, leaf));
        leaf.Gradient = kept;
        pass.Reset();
        Assert.Same(kept, leaf.Gradient);
    }

    private static Tensor Leaf(string name, float value)
    {
        Tensor leaf = Tensor.Allocate(new Shape(), name: name);
        leaf.Floats[0] = value;
        leaf.RequiresGradient = true;
        return leaf;
    }

    private sealed class HidingStep : TapeStep
    {
        public Tensor? Hidden { get; set; }

        public override void Backward(Pass pass) => pass.GradientOf(Hidden);
    }

    private sealed class Taker : ILeafGradients
    {
        public List<(string Name, float Gradient)> Taken { get; } = [];

        public Tensor Lend(Tensor leaf) => Tensor.Allocate(leaf.Shape);

        public void Complete(Tensor leaf)
        {
            Taken.Add((leaf.Name!, leaf.Gradient!.Floats[0]));
            leaf.Gradient.Dispose();
            leaf.Gradient = null;
        }
    }
}
