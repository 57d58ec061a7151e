using System.Text.Json;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>LoRA on the tiny LLaMA against float64 numbers; tolerances are the fixtures': 1e-5 on losses, 1e-4 of gradient norms.</summary>
public sealed class LoraGoldenTests : IDisposable
{
    private const double LossTolerance = 1e-5, NormTolerance = 1e-4;
    private const string PeftPrefix = "base_model.model.";

    private readonly Device device = new(2);
    private readonly JsonElement golden;
    private readonly Model model;
    private readonly Checkpoint stored;

    public LoraGoldenTests()
    {
        if (!Fixtures.Available)
        {
            model = null!;
            stored = null!;
            return;
        }

        golden = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "lora.json"))).RootElement;
        model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        stored = CheckpointReader.Open(Fixtures.PathOf("training", "lora_adapter", "adapter_model.safetensors"));
    }

    public void Dispose()
    {
        stored?.Dispose();
        model?.Dispose();
        device.Dispose();
    }

    [FixtureFact]
    public void LossGradientsAndFiveSteps()
    {
        using Adapter adapter = Lora(2);
        GoldenBatch method = new(model, golden, "labels", model.Adapters.Attach(adapter));
        IReadOnlyList<Parameter> parameters = Trainables.Of(adapter);
        using AdamW optimizer = new(parameters, 0.9, 0.95, 1e-8, 0.1);
        using TrainingLoop loop = new(device, method, parameters, optimizer, new ConstantSchedule(new ScheduleOptions { Rate = 1e-3 }, 5), new LoopOptions { MaxGradientNorm = 0 });
        double[] losses = golden.GetProperty("adamw_5_steps").GetProperty("losses_before_each_step_then_final").Deserialize<double[]>()!;
        for (int step = 0; step < 5; step++)
        {
            Assert.Equal(losses[step], loop.Step().Loss, LossTolerance);
            if (step == 0) CheckNorms(golden.GetProperty("gradient_l2_norms"), parameters, parameter => parameter.Gradient!);
        }

        Assert.Equal(losses[5], loop.Evaluate()["loss"], LossTolerance);
        CheckNorms(golden.GetProperty("adamw_5_steps").GetProperty("final_l2_norms"), parameters, parameter => parameter.Values);
    }

    [FixtureFact]
    public void StabilisedRanks()
    {
        using Adapter adapter = Lora(golden.GetProperty("rslora").GetProperty("scaling").GetSingle());
        GoldenBatch method = new(model, golden, "labels", model.Adapters.Attach(adapter));
        using Pass pass = new(device);
        Assert.Equal(golden.GetProperty("rslora").GetProperty("loss").GetDouble(), method.Evaluate(pass)["loss"], LossTolerance);
    }

    [FixtureFact]
    public void AnAdapterIsNotThereForSequencesWithoutIt()
    {
        using Adapter adapter = Lora(2);
        model.Adapters.Attach(adapter);
        GoldenBatch method = new(model, golden, "labels");
        using Pass pass = new(device);
        Assert.Equal(golden.GetProperty("loss_without_adapter").GetDouble(), method.Evaluate(pass)["loss"], LossTolerance);
    }

    [FixtureFact]
    public void SequencesOfOneBatchPassThroughDifferentAdapters()
    {
        using Adapter first = Lora(2), second = Lora(4);
        int[] slots = [model.Adapters.Attach(first), -1, model.Adapters.Attach(second), 0];
        int[][] texts = golden.GetProperty("input_ids").Deserialize<int[][]>()!;
        using Pass pass = new(device);
        Batch together = new();
        for (int i = 0; i < slots.Length; i++) Add(together, slots[i], texts[i % 2]);
        float[] all = model.Decoder.Forward(pass, together)!.Floats.AsSpan().ToArray();
        int at = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            pass.Reset();
            Batch alone = new();
            Add(alone, slots[i], texts[i % 2]);
            float[] logits = model.Decoder.Forward(pass, alone)!.Floats.AsSpan().ToArray();
            // The kernels give a row the same bits in any batch, and gathering moves rows only.
            Assert.Equal(logits, all.AsSpan(at, logits.Length).ToArray());
            at += logits.Length;
        }
    }

    private static void Add(Batch batch, int slot, int[] text)
    {
        batch.Adapter = slot;
        batch.AddSequence(text);
    }

    private Adapter Lora(float scaling)
    {
        Adapter adapter = new("golden");
        foreach ((string layer, Projection projection) in model.Adapters.Projections)
        {
            string name = PeftPrefix + model.Family.NamesOnDisk($"{layer}.weight", gguf: false).First().Name[..^".weight".Length];
            if (!stored.Tensors.ContainsKey($"{name}.lora_A.weight")) continue;
            adapter.Add(layer, new LoraAdapter(Read(name, "lora_A.weight"), Read(name, "lora_B.weight"), scaling));
        }

        Assert.Equal(6, adapter.Linears.Count);
        return adapter;

        Tensor Read(string layer, string kind)
        {
            TensorEntry entry = stored.Tensors[$"{layer}.{kind}"];
            Tensor tensor = Tensor.Allocate(new Shape(entry.Shape.AsSpan()), name: kind);
            entry.Data.CopyTo(tensor.Bytes);
            return tensor;
        }
    }

    private void CheckNorms(JsonElement norms, IReadOnlyList<Parameter> parameters, Func<Parameter, Tensor> of)
    {
        foreach (JsonProperty norm in norms.EnumerateObject())
        {
            string kind = norm.Name[^"lora_A.weight".Length..], layer = norm.Name[PeftPrefix.Length..^(kind.Length + 1)];
            Parameter parameter = parameters.Single(one => one.Name.EndsWith(kind, StringComparison.Ordinal)
                && model.Family.NamesOnDisk($"{one.Name[..^(kind.Length + 1)]}.weight", gguf: false).First().Name == $"{layer}.weight");
            Assert.Equal(norm.Value.GetDouble(), Math.Sqrt(device.Kernels.SumOfSquares(of(parameter).Floats)), NormTolerance * norm.Value.GetDouble());
        }
    }
}
