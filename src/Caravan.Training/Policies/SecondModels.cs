using Caravan.Models;

namespace Caravan.Training;

/// <summary>Models that are only read beside the one that learns: a reference, a teacher, a judge, a reward model. They are freed together.</summary>
internal sealed class SecondModels : IDisposable
{
    private readonly List<Model> models = [];

    /// <summary>Bytes of their weights.</summary>
    public long Bytes => models.Sum(model => model.Weights.Sum(weight => (long)weight.Bytes.Length));

    /// <summary>Loads one.</summary>
    /// <param name="path">Its file or folder.</param>
    /// <param name="setting">What names it, for messages, such as <c>distillation.teacher</c>.</param>
    /// <param name="adapter">The folder of an adapter, which gets the slot 0; null for none.</param>
    /// <exception cref="CaravanException">None was named, or it cannot be read.</exception>
    public Model Load(string? path, string setting, string? adapter = null) => string.IsNullOrEmpty(path)
        ? throw new CaravanException($"Another model is needed and none was named; give its file or folder as {setting}.")
        : Load(path, new ModelOptions { Adapters = adapter is null ? [] : [new AdapterSource(adapter)] });

    /// <summary>Loads one as the options say.</summary>
    /// <exception cref="CaravanException">It cannot be read.</exception>
    public Model Load(string path, ModelOptions options)
    {
        Model model = Model.Load(path, options);
        models.Add(model);
        return model;
    }

    /// <summary>Loads one whose tokens are the learning model's.</summary>
    /// <param name="path">Its file or folder.</param>
    /// <param name="setting">What names it, for messages.</param>
    /// <param name="learning">The model that learns.</param>
    /// <exception cref="CaravanException">None was named, it cannot be read, or its vocabulary is another.</exception>
    public Model LoadAlike(string? path, string setting, Model learning)
    {
        Model model = Load(path, setting);
        if (model.Decoder.Spec.VocabularySize == learning.Decoder.Spec.VocabularySize && HaveSameTokens(model, learning)) return model;
        (int its, int own) = (model.Decoder.Spec.VocabularySize, learning.Decoder.Spec.VocabularySize);
        throw new CaravanException($"'{path}' ({setting}) has other tokens ({its}) than '{learning.Path}' ({own}), and this method compares them token by token; take a model with the same tokenizer.");
    }

    /// <summary>Frees all of them.</summary>
    public void Dispose()
    {
        foreach (Model model in models) model.Dispose();
        models.Clear();
    }

    private static bool HaveSameTokens(Model first, Model second) => !first.HasTokenizer || !second.HasTokenizer
        || first.Tokenizer.Definition.Pieces.Select(piece => piece.Text).SequenceEqual(second.Tokenizer.Definition.Pieces.Select(piece => piece.Text));
}
