using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;
using Caravan.Weights;

namespace Caravan.Training.Tests;

/// <summary>A small random LLaMA, a file of samples for it to learn, and a folder for its runs; all gone afterwards.</summary>
internal sealed class TinyTask : IDisposable
{
    private readonly List<IDisposable> owned = [];

    public TinyTask(params IEnumerable<string> lines)
    {
        Folder = Directory.CreateTempSubdirectory("caravan-training-").FullName;
        TinyLlama.Write(Path.Combine(Folder, "model"));
        File.WriteAllLines(DataPath, lines);
        Device = Own(new Device(2));
    }

    public string Folder { get; }

    public string DataPath => Path.Combine(Folder, "data.jsonl");

    public string ModelPath => Path.Combine(Folder, "model");

    public Device Device { get; }

    /// <summary>Sums of small numbers as conversations.</summary>
    public static IEnumerable<string> Sums(int count) => Enumerable.Range(0, count).Select(i =>
        $$"""{"messages":[{"role":"user","content":"{{i % 7}}+{{i / 7}}"},{"role":"assistant","content":"{{(i % 7) + (i / 7)}}"}]}""");

    public Model Load(bool trainable = true) => Own(Model.Load(ModelPath, new ModelOptions { Trainable = trainable }));

    public BatchSource Data(Model model, int samples, int microBatchTokens = 512) => Own(new BatchSource(
        new Dataset(new DatasetOptions { Mixes = [new DataMix([DataPath])], Seed = 3 }),
        new TrainingText(model.Tokenizer, Text.ChatFormat.Of(model.Tokenizer, "tiny"), new TrainingTextOptions { Context = 256 }),
        new BatchOptions { Samples = samples, MicroBatchTokens = microBatchTokens }));

    /// <summary>What a method is given: with a copy of the model as a reference, and lines that are held out.</summary>
    public MethodContext Context(Model model, int samples, bool reference = false, int microBatchTokens = 512, params IEnumerable<string> heldOut)
    {
        BatchSource data = Data(model, samples, microBatchTokens);
        return new MethodContext
        {
            Device = Device, Policy = new Policy(model), Reference = reference ? new Policy(Load(trainable: false)) : null, Others = Own(new SecondModels()), Data = data,
            HeldOut = [.. HeldOut(data.Text, heldOut)], MicroBatchTokens = microBatchTokens, Seed = 5,
        };
    }

    /// <summary>Writes a file of samples beside the data.</summary>
    public string Write(string name, IEnumerable<string> lines)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>Writes a model as it has become, and gives its folder.</summary>
    public string Save(Model model, string name)
    {
        string folder = Path.Combine(Folder, name);
        Dictionary<string, Tensor> weights = model.Weights.ToDictionary(weight => weight.Name!);
        Converter.Write(model, weights.GetValueOrDefault, folder, new ConvertOptions { Type = Kernels.DType.F32 }, new Formats.WriteOptions());
        return folder;
    }

    /// <summary>A loop of a method over all weights.</summary>
    public TrainingLoop Loop(Method method, Model model, double rate, LoopOptions? options = null)
    {
        Own(method);
        IReadOnlyList<Parameter> parameters = [.. Trainables.Of(model).Concat(Trainables.Of(method)).Select(Own)];
        AdamW optimizer = Own(new AdamW(parameters, weightDecay: 0.01));
        return Own(new TrainingLoop(Device, method, parameters, optimizer, new ConstantSchedule(new ScheduleOptions { Rate = rate }, 1000), options ?? new LoopOptions()));
    }

    private IEnumerable<PackedBatch> HeldOut(TrainingText text, IEnumerable<string> lines)
    {
        if (!lines.Any()) yield break;
        using Packer packer = new(
            new Dataset(new DatasetOptions { Mixes = [new DataMix([Write("held-out.jsonl", lines)])], Shuffle = false, Epochs = 1 }), text, new PackerOptions(512));
        for (PackedBatch part = new(); packer.Next(part); part = new PackedBatch()) yield return part;
    }

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
