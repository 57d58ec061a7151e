using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>What makes the rows of virtual tokens.</summary>
public sealed class PromptEncoderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Device device = new(1);
    private readonly Model model;

    public PromptEncoderTests()
    {
        TinyLlama.Write(folder.Path);
        model = Model.Load(folder.Path);
    }

    public static TheoryData<string> Kinds => ["perceptron", "lstm", "deep lstm", "projected", "direct"];

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients(string kind)
    {
        using Adapter adapter = new(kind);
        adapter.Add(Make(kind));
        foreach (Tensor parameter in adapter.Parameters) parameter.RequiresGradient = true;
        GradientCheck.Check([.. adapter.Parameters], TrainingTask.Of(model, [[5, 9, 33, 2, 17], [8, 3, 3, 70]], model.Adapters.Attach(adapter)), 0.125);
    }

    /// <summary>The layers and their encoder are computed again on the way back, for two adapters on one tape: the same gradients, bit for bit.</summary>
    [Fact]
    public void ComputedAgain()
    {
        using Adapter first = new("first"), second = new("second");
        first.Add(Make("projected"));
        second.Add(Make("lstm"));
        foreach ((string layer, AdaptionPrompt prompt) in AdaptionPrompt.ForLastLayers(model, 3, 2, seed: 4)) second.Add(layer, prompt);
        Tensor[] parameters = [.. first.Parameters, .. second.Parameters];
        foreach (Tensor parameter in parameters) parameter.RequiresGradient = true;
        int[] slots = [model.Adapters.Attach(first), model.Adapters.Attach(second)];
        Assert.Equal(Gradients(recomputes: false), Gradients(recomputes: true));

        float[][] Gradients(bool recomputes)
        {
            Tape tape = new();
            using Pass pass = new(device, tape) { RecomputesLayers = recomputes };
            Tensor[] losses = [.. slots.Select(slot =>
            {
                Batch batch = new() { Adapter = slot, Noise = new EmbeddingNoise(5) };
                batch.AddSequence([5, 9, 33, 2, 17]);
                return model.Decoder.Loss(pass, batch, [9, 33, 2, 17, CrossEntropy.Ignored]);
            })];
            tape.Backward(pass, Add.Forward(pass, losses[0], losses[1]));
            float[][] gradients = [.. parameters.Select(parameter => parameter.Gradient!.Floats.AsSpan().ToArray())];
            pass.Reset();
            return gradients;
        }
    }

    /// <summary>A bidirectional LSTM with a head against PyTorch's definition, in double.</summary>
    [Fact]
    public void LongShortTermMemory()
    {
        const int Rows = 4, Width = 6, Hidden = 3;
        using RecurrentRows encoder = new(Rows, Width, Hidden, 1, seed: 5);
        Dictionary<string, double[]> weights = encoder.Parameters.ToDictionary(parameter => parameter.Name!, parameter => parameter.Floats.AsSpan().ToArray().Select(value => (double)value).ToArray());
        double[][] rows = [.. weights["embedding.weight"].Chunk(Width)];
        double[][] forward = Run("l0", rows), backward = [.. Run("l0_reverse", [.. rows.Reverse()]).Reverse()];
        double[][] expected = [.. forward.Zip(backward, (a, b) => Affine("mlp_head.2", [.. Affine("mlp_head.0", [.. a, .. b]).Select(value => Math.Max(0, value))]))];
        using Pass pass = new(device);
        float[] actual = encoder.Forward(pass).Floats.AsSpan().ToArray();
        // Sums of a dozen products below 1 each.
        Assert.All(expected.SelectMany(row => row).Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));

        double[] Affine(string name, double[] x) => Product(weights[$"{name}.weight"], weights[$"{name}.bias"], x);

        double[][] Run(string name, double[][] inputs)
        {
            double[] h = new double[Hidden], c = new double[Hidden];
            List<double[]> all = [];
            foreach (double[] input in inputs)
            {
                double[] gates = [.. Product(weights[$"lstm_head.weight_ih_{name}"], weights[$"lstm_head.bias_ih_{name}"], input)
                    .Zip(Product(weights[$"lstm_head.weight_hh_{name}"], weights[$"lstm_head.bias_hh_{name}"], h), (a, b) => a + b)];
                for (int i = 0; i < Hidden; i++)
                {
                    c[i] = (Sigmoid(gates[Hidden + i]) * c[i]) + (Sigmoid(gates[i]) * Math.Tanh(gates[(2 * Hidden) + i]));
                    h[i] = Sigmoid(gates[(3 * Hidden) + i]) * Math.Tanh(c[i]);
                }

                all.Add([.. h]);
            }

            return [.. all];
        }
    }

    [Fact]
    public void VirtualTokensOfAnotherModelAreRefused()
    {
        using Adapter adapter = new("narrow");
        adapter.Add(new VirtualTokens(new LearntRows(Tensor.Allocate(new Shape(3, 8))), PromptPlace.Embeddings));
        Assert.Equal(
            "The adapter 'narrow' has virtual tokens of 8 features, and this model's embeddings have 64; it was made for another model.",
            Assert.Throws<CaravanException>(() => model.Adapters.Attach(adapter)).Message);
        Assert.Throws<CaravanException>(() => AdaptionPrompt.ForLastLayers(model, 3, 3, seed: 1));
    }

    private VirtualTokens Make(string kind) => kind switch
    {
        "perceptron" => PTuning.Perceptron(model, 3, 10, seed: 1),
        "lstm" => PTuning.Recurrent(model, 4, 6, 1, seed: 2),
        "deep lstm" => PTuning.Recurrent(model, 3, 5, 2, seed: 3),
        "projected" => PrefixTuning.Projected(model, 3, 7, seed: 4),
        _ => PrefixTuning.Direct(model, 3, seed: 5),
    };

    private static double[] Product(double[] weight, double[] bias, double[] x) =>
        [.. bias.Select((offset, row) => offset + x.Select((value, column) => value * weight[(row * x.Length) + column]).Sum())];

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
