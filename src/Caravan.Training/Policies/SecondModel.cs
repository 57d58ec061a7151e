using Caravan.Models;

namespace Caravan.Training;

/// <summary>Models that a method reads beside the one that learns: a teacher, a judge, a reward model.</summary>
internal static class SecondModel
{
    /// <summary>Loads one.</summary>
    /// <param name="path">Its file or folder.</param>
    /// <param name="setting">What names it, for messages, such as <c>distillation.teacher</c>.</param>
    /// <param name="adapter">The folder of an adapter, which gets the slot 0; null for none.</param>
    /// <exception cref="CaravanException">None was named, or it cannot be read.</exception>
    public static Model Load(string? path, string setting, string? adapter = null) => string.IsNullOrEmpty(path)
        ? throw new CaravanException($"Another model is needed and none was named; give its file or folder as {setting}.")
        : Model.Load(path, new ModelOptions { Adapters = adapter is null ? [] : [new AdapterSource(adapter)] });

    /// <summary>Loads one whose tokens are the learning model's.</summary>
    /// <param name="path">Its file or folder.</param>
    /// <param name="setting">What names it, for messages.</param>
    /// <param name="learning">The model that learns.</param>
    /// <exception cref="CaravanException">None was named, it cannot be read, or its vocabulary is another.</exception>
    public static Model LoadAlike(string? path, string setting, Model learning)
    {
        Model model = Load(path, setting);
        if (model.Decoder.Spec.VocabularySize == learning.Decoder.Spec.VocabularySize && HaveSameTokens(model, learning)) return model;
        (int its, int own) = (model.Decoder.Spec.VocabularySize, learning.Decoder.Spec.VocabularySize);
        model.Dispose();
        throw new CaravanException($"'{path}' ({setting}) has other tokens ({its}) than '{learning.Path}' ({own}), and this method compares them token by token; take a model with the same tokenizer.");
    }

    private static bool HaveSameTokens(Model first, Model second) => !first.HasTokenizer || !second.HasTokenizer
        || first.Tokenizer.Definition.Pieces.Select(piece => piece.Text).SequenceEqual(second.Tokenizer.Definition.Pieces.Select(piece => piece.Text));
}
