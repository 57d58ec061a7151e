using System.Text.Json;
using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>The tiny LLaMA of <c>llama_train.json</c> with its batch and gradients that persist.</summary>
internal sealed class Learner : IDisposable
{
    private readonly Model model;
    private readonly Pass pass;
    private readonly Tape tape = new();
    private readonly Batch batch = new();
    private readonly List<int> targets = [];

    public Learner(Device device, string labels)
    {
        Golden = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "llama_train.json"))).RootElement;
        model = Model.Load(Fixtures.PathOf(Golden.GetProperty("model").GetString()!.Split('/')), new ModelOptions { Trainable = true });
        pass = new Pass(device, tape);
        foreach (int[] row in Golden.GetProperty("input_ids").Deserialize<int[][]>()!) batch.AddSequence(row);
        foreach (int[] row in Golden.GetProperty(labels).Deserialize<int[][]>()!) targets.AddRange([.. row[1..], CrossEntropy.Ignored]);
        foreach (Tensor parameter in model.Decoder.Weights) parameter.Gradient = Tensor.Allocate(parameter.Shape);
    }

    public JsonElement Golden { get; }

    public IReadOnlyList<Tensor> Parameters => model.Decoder.Weights;

    public Tensor Parameter(string huggingFaceName) =>
        Parameters.Single(parameter => model.Family.NamesOnDisk(parameter.Name!, gguf: false).First().Name == huggingFaceName);

    public double LossAndGradients()
    {
        foreach (Tensor parameter in Parameters) parameter.Gradient?.Bytes.Clear();
        pass.Reset();
        Tensor loss = Loss();
        tape.Backward(pass, loss);
        return loss.Floats[0];
    }

    public void Dispose()
    {
        foreach (Tensor parameter in Parameters) parameter.Gradient?.Dispose();
        pass.Dispose();
        model.Dispose();
    }

    private Tensor Loss() => CrossEntropy.Forward(pass, model.Decoder.Forward(pass, batch)!, targets.ToArray());
}
