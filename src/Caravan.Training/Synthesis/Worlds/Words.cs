namespace Caravan.Training.Synthesis;

/// <summary>The words of which the worlds of all skills are made.</summary>
internal static class Words
{
    public static readonly string[] Women = Split(
        "Anna Maria Lena Emma Sofia Mia Clara Julia Laura Nora Ella Alice Eva Ida Lucy Grace Ruby Rose Sara Hanna Olivia Zoe Amy Kate Jane Mary Lily Daisy "
        + "Helen Irene Vera Tina Rita Paula Carla Diana Elena Flora Gina Iris Joan Kim Lisa Mona Nina Olga Petra Stella Tara Ursula Wendy Yuki Aisha Fatima Priya Mei");

    public static readonly string[] Men = Split(
        "Tom Ben Max Paul Leo Jack Sam Oscar Hugo Felix Adam Peter John Mark Luke David Daniel Simon Victor Oliver Henry George Frank Martin Robert Thomas "
        + "Jacob Noah Liam Ethan Karl Emil Anton Ivan Igor Pablo Diego Carlos Marco Luca Omar Ali Hassan Ravi Arjun Kenji Hiro Wei Jun Chen Bruno Erik Lars Nils Otto Theo");

    public static readonly string[] Cities = Split(
        "Berlin Paris London Rome Madrid Vienna Prague Oslo Lisbon Athens Dublin Warsaw Helsinki Brussels Zurich Geneva Milan Venice Naples Turin Hamburg Munich "
        + "Cologne Lyon Nice Porto Seville Valencia Krakow Budapest Sofia Riga Tallinn Vilnius Tokyo Kyoto Osaka Seoul Beijing Shanghai Hanoi Bangkok Manila Jakarta "
        + "Delhi Mumbai Cairo Nairobi Lagos Accra Tunis Boston Chicago Denver Seattle Austin Dallas Miami Toronto Montreal Havana Lima Quito Bogota Santiago Sydney Perth Auckland");

    public static readonly string[] Jobs = Split(
        "teacher doctor nurse baker farmer pilot cook painter singer writer driver gardener engineer lawyer dentist carpenter plumber sailor soldier tailor actor dancer "
        + "librarian mechanic fisherman journalist photographer programmer scientist judge waiter butcher shepherd miner clerk designer musician architect potter vet");

    public static readonly string[] Colors = Split("red blue green yellow black white brown orange purple pink grey silver golden");

    public static readonly string[] Foods = Split(
        "pizza soup bread cheese rice pasta salad fish apples pears grapes honey cake pancakes noodles dumplings beans carrots tomatoes potatoes chocolate yogurt cherries mangoes "
        + "strawberries sushi curry tacos waffles cookies nuts eggs olives melons peaches plums");

    public static readonly string[] Animals = Split(
        "dog cat rabbit horse parrot hamster turtle goat duck pony mouse fox wolf bear owl frog hedgehog squirrel sheep cow pig hen goose donkey lion tiger monkey elephant deer crow");

    public static readonly string[] Hobbies = Split(
        "swimming running reading cooking painting dancing singing fishing sailing chess tennis football climbing cycling skating hiking knitting gardening photography pottery drawing yoga surfing");

    public static readonly string[] Instruments = Split("piano violin guitar flute drums cello trumpet harp clarinet accordion banjo organ");

    public static readonly string[] Months = Split("January February March April May June July August September October November December");

    public static readonly string[] Days = Split("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");

    public static readonly string[] Things = Split(
        "book lamp chair table bicycle umbrella hat coat bag clock cup plate knife spoon bottle basket box key ring coin map pen pencil letter candle mirror pillow blanket "
        + "shoe scarf glove drum kite ball doll rope ladder bucket broom hammer phone camera radio boat wagon sofa desk vase jar shirt watch kettle");

    public static readonly string[] Rooms = Split("kitchen garden garage cellar attic bedroom bathroom office hall library barn shed cupboard drawer basement workshop");

    public static readonly string[] Subjects = Split("history physics music biology chemistry art geography mathematics medicine law poetry gardening cooking astronomy economics philosophy");

    public static readonly string[] Families = Split(
        "Smith Miller Brown Weber Fischer Novak Rossi Silva Costa Garcia Lopez Dubois Martin Keller Berg Larsen Nielsen Olsen Moore Clark Hall Young King Wright Green Baker Cooper Reed "
        + "Tanaka Sato Kim Park Singh Khan Ahmed Wang Zhang Nguyen Petrov Horvat Popa Kovacs Murphy Kelly Walker Stone Wood Field Marsh Hill");

    /// <summary>Plain words for lists: to sort, to count, to spell.</summary>
    public static readonly string[] Plain =
    [
        .. Animals, .. Things, .. Foods, .. Colors, .. Jobs,
        .. Split("house tree river mountain cloud rain snow wind stone sand grass leaf flower forest lake island road bridge tower door window wall roof floor stairs school market street "
            + "village city country ocean beach star moon sun sky night day morning evening winter summer spring autumn hand foot head eye nose mouth ear arm leg heart "
            + "apple banana lemon cherry milk water butter sugar salt pepper tea coffee juice friend brother sister mother father baby queen king prince train plane ship car bus truck "
            + "gold iron wood glass paper cotton wool silk letter number word name song story game music picture dream idea garden farm zoo park museum hotel bank shop"),
    ];

    public static readonly string[] ChinesePeople = Split(
        "小明 小红 小华 小丽 小刚 小芳 小军 小美 小强 小玲 王伟 李娜 张敏 刘洋 陈静 杨帆 赵磊 黄丽 周杰 吴芳 徐强 孙悦 马超 朱琳 胡军 郭敏 何平 高峰 林涛 罗兰");

    public static readonly string[] ChineseCities = Split("北京 上海 广州 深圳 杭州 成都 武汉 西安 南京 苏州 天津 重庆 青岛 大连 厦门 长沙 昆明 郑州 济南 沈阳 巴黎 伦敦 东京 纽约");

    public static readonly string[] ChineseJobs = Split("老师 医生 护士 厨师 农民 司机 画家 歌手 作家 律师 工程师 警察 记者 演员 会计 裁缝 木匠 渔夫 科学家 程序员");

    public static readonly string[] ChineseColors = Split("红色 蓝色 绿色 黄色 黑色 白色 紫色 粉色 橙色 灰色");

    public static readonly string[] ChineseFoods = Split("饺子 面条 米饭 苹果 西瓜 鱼 豆腐 包子 葡萄 蛋糕 香蕉 牛肉 鸡蛋 草莓 巧克力");

    public static readonly string[] ChineseAnimals = Split("狗 猫 兔子 马 鹦鹉 乌龟 羊 鸭子 仓鼠 金鱼");

    public static readonly string[] ChineseHobbies = Split("游泳 跑步 看书 做饭 画画 跳舞 唱歌 钓鱼 下棋 打篮球 踢足球 爬山 摄影 骑车");

    private static readonly string[] Starts = Split("b br c ch d dr f g gr h j k kl l m n p pr r s sh st t tr v w z");
    private static readonly string[] Vowels = Split("a e i o u a e i o ai ea ou");
    private static readonly string[] Ends = Split("n r l s m th ck nd x t");

    /// <summary>A name that nobody has: its tokens must be copied, not known.</summary>
    public static string MadeUp(Draw draw)
    {
        string name = draw.Pick(Starts) + draw.Pick(Vowels) + (draw.Chance(0.7) ? draw.Pick(Starts) + draw.Pick(Vowels) : "") + (draw.Chance(0.6) ? draw.Pick(Ends) : "");
        return name.Length < 3 ? MadeUp(draw) : name.Capitalized();
    }

    /// <summary>A city, one in three made up.</summary>
    public static string City(Draw draw) => draw.Chance(0.33) ? MadeUp(draw) + draw.Pick<string>(["", "", "ville", "burg", " Bay", "ton", "ford"]) : draw.Pick(Cities);

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
